/** The parts that the statements of creates, updates and deletes have in common; `statement-create.ts` says how they fit together. */

import { empty, ident, join, type Sql, skipLockedAmongCalls, slot, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { ALWAYS, type Predicate } from '../../../model/expression.ts'
import { type Entity, type Field, fieldNamed, type Model } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import { rowScope, type SqlScope, whenTrue } from '../../rules/predicate-sql.ts'
import { termSql } from '../../rules/term-sql.ts'
import { boundedBody, showsOtherRows } from '../answer-meter.ts'
import { dependsOnOthers } from '../merge-safety.ts'
import { outputSql, rowsWhere } from '../output-sql.ts'
import type { CreatePlan, DeletePlan, UpdatePlan } from '../plan.ts'

/** Column with the number of the call, in every intermediate table; no field can have this name. */
export const ORD = ident('#ord')

/** A decision of the rules about a write. */
export interface Decision {
  /** The column of `new` that holds it. */
  readonly column: Sql
  /** Null when the design alone decides that the row may be written. */
  readonly value: Sql | null
  /** The value that allows the write. */
  readonly good: 'true' | '[]'
}

/** Whether a rule holds. */
export function ruled(name: string, rule: Predicate, scope: SqlScope): Decision {
  return yesOrNo(name, isAlways(rule) ? null : sql`(${whenTrue(rule, scope)}) is true`)
}

/** A decision that is true or false. */
export function yesOrNo(name: string, value: Sql | null): Decision {
  return { column: ident(`#${name}`), value, good: 'true' }
}

/** The names of the fields that are refused, as JSON text. */
export function refused(name: string, value: Sql | null): Decision {
  return { column: ident(`#${name}`), value, good: '[]' }
}

/** The condition that all decisions allow the write. It reads them from the columns of `row`, or computes them when `row` is absent. */
export function allGood(decisions: readonly Decision[], row?: Sql): Sql {
  const conditions = decisions.flatMap(({ column, value, good }) => {
    if (value === null) return []
    const decision = row === undefined ? value : sql`${row}.${column}`
    return [good === 'true' ? decision : sql`${decision} = '[]'`]
  })
  return conditions.length === 0 ? sql`true` : sql`(${join(conditions, ' and ', sql`true`)})`
}

/**
 * A decision as a column of an answer. It is a column of `row`. Without `row`, the statement returns only written rows, so the decision is
 * the good value.
 */
export function answered({ column, value, good }: Decision, row?: Sql): Sql {
  if (value !== null && row !== undefined) return sql`${row}.${column}`
  return good === 'true' ? sql`true` : sql`'[]'`
}

/** What `new` is made of. */
export interface Drafts {
  /** The calls, and for an update the old rows `o`. */
  readonly from: Sql
  /** The columns of the row. */
  readonly row: Sql
  /** Decisions about the row, which is named `n`. */
  readonly decisions: readonly Decision[]
}

/** `new`: the rows as they would be after the write, and the decisions about them. */
export function newRows({ from, row, decisions }: Drafts): Sql {
  const verdict = decisions.flatMap(({ column, value }) => (value === null ? [] : [sql`${value} as ${column}`]))
  return sql`new as materialized (select ${sqlList([sql`n.*`, ...verdict])} from ${from} cross join lateral (${row}) n)`
}

/**
 * A query of one row: the row as it would be after the write. `values` are its columns. It has the computed fields too, because rules may
 * use them.
 */
export function draftRow(model: Model, entity: Entity, values: readonly Sql[]): Sql {
  const computed = entity.fields.flatMap((field) =>
    field.type.kind === 'computed' ? [sql`${termSql(field.type.term, rowScope(model, sql`b`))} as ${ident(field.column)}`] : [],
  )
  const stored = sql`select ${sqlList(values)}`
  return computed.length === 0 ? stored : sql`select b.*, ${sqlList(computed)} from (${stored}) b`
}

/**
 * The rows before the write, locked, so that nothing changes between the decisions and the write. In a merged statement, a row that another
 * transaction has locked is left out.
 */
export function oldRows(model: Model, entity: Entity): Sql {
  const { table } = entity
  const rows = sql`call join ${ident(table)} t on t.${ownId(entity)} = ${idSlot(entity)}`
  const lock = sql`for no key update of t${skipLockedAmongCalls}`
  return sql`old as materialized (select call.ord as ${ORD}, t.* from ${rows} where ${isThere(model, entity, 't')} ${lock})`
}

/** The condition that the row under an alias is not soft-deleted. */
export function isThere(model: Model, entity: Entity, alias: string): Sql {
  return rowsWhere(model, entity, { alias, holds: ALWAYS })
}

/** The id of the row that a call writes. */
export function idSlot(entity: Entity): Sql {
  const { type } = fieldNamed(entity, 'id')
  const isNumber = type.kind === 'scalar' && type.scalar === 'integer'
  return slot('id', isNumber ? 'bigint' : type.kind === 'scalar' && type.scalar === 'text' ? 'text' : 'uuid')
}

/** The condition that `If-Match` allows the version of a row. */
export function freshness(row: Sql): Sql {
  const versions = slot('versions', 'bigint[]')
  return sql`(${versions} is null or ${row}."version" = any(${versions}))`
}

/** How calls of a write may share a round trip. */
export function mergeOf(model: Model, plan: CreatePlan | UpdatePlan | DeletePlan): Pick<Statement, 'merge'> {
  return dependsOnOthers(model, plan) ? {} : { merge: 'calls' }
}

/** The fields of the table; the database computes all others. */
export function storedFields(entity: Entity): readonly Field[] {
  return entity.fields.filter((f) => f.type.kind !== 'computed')
}

/** The column of the id, without an alias. */
export function ownId(entity: Entity): Sql {
  return ident(fieldNamed(entity, 'id').column)
}

/** Pieces with commas between them. */
export function sqlList(pieces: readonly Sql[]): Sql {
  return join(pieces, ', ', sql`null`)
}

/** Pieces one after the other. */
export function oneAfterTheOther(pieces: readonly Sql[]): Sql {
  return join(pieces, '', empty)
}

/**
 * The JSON of the written row under an alias. Null when the request does not ask for the row, or the caller may not read it. A single row
 * without included rows is never too large.
 */
export function visibleBody(model: Model, { visible, output, ...plan }: CreatePlan | UpdatePlan, alias: string): Sql {
  if (output === null) return sql`null::text`
  const isMany = plan.kind === 'create' && plan.atomic
  const json = outputSql(model, output, alias)
  const shown = isMany ? boundedBody(json, 'of-all') : showsOtherRows(output) ? boundedBody(json, 'of-one') : json
  return sql`case when ${whenTrue(visible, rowScope(model, ident(alias)))} then ${shown} end`
}
