/** Makes the answers of REST to a create, an update and a delete. The JSON of rows stays text. */

import { unreachable } from '../../base/unreachable.ts'
import type { CreatePlan, UpdatePlan } from '../../compile/statements/plan.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import { restBase } from '../../model/address/served.ts'
import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import type { TextAnswer } from '../http/answer.ts'
import { MINIMAL_APPLIED } from '../http/prefer.ts'
import type { Written } from '../write/run-write.ts'
import { etag, versionTag } from './etag.ts'

/** The answer to a successful write. */
export function respondToWrite(model: Model, { planned, rows }: Written): TextAnswer {
  const { plan, many } = planned
  const [row] = rows
  if (row === undefined) throw new Error('a write has at least one row')
  switch (plan.kind) {
    case 'create':
      return many ? manyAnswer(plan, rows) : createAnswer(plan, row, restBase(model))
    case 'update':
      return updateAnswer(plan, row)
    case 'delete':
      return { status: 204, headers: {}, body: null }
    default:
      return unreachable(plan)
  }
}

function manyAnswer(plan: CreatePlan, rows: readonly WrittenRow[]): TextAnswer {
  if (plan.returning === 'nothing') return { status: 201, headers: MINIMAL_APPLIED, body: null }
  return { status: 201, headers: {}, body: `[${rows.map((row) => shown(plan.entity, row)).join(',')}]` }
}

function createAnswer(plan: CreatePlan, row: WrittenRow, base: string): TextAnswer {
  // The answer is the same whether the account was created or another account has the login.
  if (plan.hiddenLogin !== undefined) return ACCEPTED
  const location = `${base}/${plan.entity.path}/${encodeURIComponent(idOf(row))}`
  if (plan.returning === 'nothing')
    return { status: 201, headers: { location, etag: versionTag(row.version), ...MINIMAL_APPLIED }, body: null }
  const body = shown(plan.entity, row)
  return { status: 201, headers: { location, etag: etag(row.version, body) }, body }
}

/** The answer to the creation of an account that does not tell whether its login is taken. */
export const ACCEPTED: TextAnswer = { status: 202, headers: {}, body: null }

function updateAnswer(plan: UpdatePlan, row: WrittenRow): TextAnswer {
  if (plan.returning === 'nothing') return { status: 204, headers: { etag: versionTag(row.version), ...MINIMAL_APPLIED }, body: null }
  const body = shown(plan.entity, row)
  return { status: 200, headers: { etag: etag(row.version, body) }, body }
}

/** The JSON of a written row; only the id when the caller may not read the row. */
function shown(entity: Entity, row: WrittenRow): string {
  return row.body ?? `{"id":${idJson(entity, idOf(row))}}`
}

function idOf({ id }: WrittenRow): string {
  if (id === null) throw new Error('the statement returned no id')
  return id
}

/** An id as JSON, from its text. */
export function idJson(entity: Entity, id: string): string {
  const { type } = fieldNamed(entity, 'id')
  return type.kind === 'scalar' && type.scalar === 'integer' ? id : JSON.stringify(id)
}
