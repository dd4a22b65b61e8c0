/** Finds the file of a row, with the read rules of the row and of the field in the statement. */

import { failure } from '../../base/failure.ts'
import { memo } from '../../base/memo.ts'
import { ident, type Sql, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { hiddenUnlessSql, shownSql } from '../../compile/rules/hidden-value.ts'
import { type EntityView, viewOf } from '../../compile/rules/view.ts'
import { rowsWhere } from '../../compile/statements/output-sql.ts'
import { idSlot, ownId } from '../../compile/statements/write/write-parts.ts'
import type { Caller } from '../../model/caller.ts'
import { ALWAYS, NEVER, type Predicate } from '../../model/expression.ts'
import { type EntityFile, uploadTarget } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { callerValues, idValue } from '../plan/planning.ts'
import { explained } from '../run/database-failure.ts'
import { stackForRequest } from '../run/for-client.ts'
import type { Stack } from '../run/stack.ts'
import type { FileRequest } from './file-request.ts'

/** The file of a row, as its column has it. */
export interface KeptFile {
  readonly key: string
  readonly name: string
  readonly size: number
  readonly type: string
  /** Hexadecimal. */
  readonly sha256: string
}

/** Whose rules apply: those of the caller, or none for a link, whose maker was allowed to read the file. */
export type Whose = 'caller' | 'nobody'

/**
 * The file of the row that an address names.
 *
 * @throws Failure `not_found`, the same whether there is no such row, the row has no file, or the caller may not read one of them.
 */
export async function findFile(stack: Stack, place: EntityFile, { request, caller }: FileRequest, whose: Whose): Promise<KeptFile> {
  const { entity, field } = place
  const { model, context } = stack
  const view = viewOf(context.viewFor(caller).view, entity.name)
  const rules: Rules =
    whose === 'nobody' ? { row: ALWAYS, field: ALWAYS } : { row: view.read, field: view.readable.get(field.name)?.rule ?? NEVER }
  if (isNever(rules.row) || isNever(rules.field)) throw noFile(place)
  const statement = whose === 'nobody' ? statementOf(model, place, rules) : statementsFor(view)(model, place, rules)
  const { run } = stackForRequest(stack, request, caller).executor
  const id = idOf(place, request.parameters.id ?? '')
  const [row] = await explained(run)(statement, { ...callerValues(model, caller), id })
  const kept: unknown = JSON.parse(row?.[0] ?? 'null')
  if (typeof kept !== 'object' || kept === null || !('key' in kept)) throw noFile(place)
  return kept as KeptFile
}

/** The failure for a file that is not there, or that the caller may not know of. */
export function noFile(place: EntityFile) {
  return failure('not_found', { entity: uploadTarget(place) })
}

function idOf(place: EntityFile, id: string) {
  try {
    return idValue(place.entity, id)
  } catch {
    throw noFile(place)
  }
}

interface Rules {
  readonly row: Predicate
  readonly field: Predicate
}

/** The statements for the callers of one view, by the field. Callers of one variant share their view. */
const statementsFor = memo((_view: EntityView) => {
  const known = new Map<string, Statement>()
  return (model: Model, place: EntityFile, rules: Rules): Statement => {
    const found = known.get(place.field.name) ?? statementOf(model, place, rules)
    known.set(place.field.name, found)
    return found
  }
})

function statementOf(model: Model, { entity, field }: EntityFile, rules: Rules): Statement {
  const column: Sql = hiddenUnlessSql(shownSql(model, rules.field, 't'), sql`t.${ident(field.column)}`)
  const isRow = sql`t.${ownId(entity)} = ${idSlot(entity)} and ${rowsWhere(model, entity, { alias: 't', holds: rules.row })}`
  return { name: `file ${entity.name}.${field.name}`, sql: sql`select ${column} from ${ident(entity.table)} t where ${isRow}` }
}

/** The caller of a request, for statements about uploads. */
export function ownerOf(stack: Stack, request: FileRequest['request'], caller: Caller): string {
  return stackForRequest(stack, request, caller).client?.key ?? ''
}
