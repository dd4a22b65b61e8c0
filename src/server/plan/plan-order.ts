/** Plans the order of a list, and reads and writes its cursors. */

import { failure } from '../../base/failure.ts'
import type { Value } from '../../base/sql/statement.ts'
import { hiddenUnless } from '../../compile/rules/hidden-value.ts'
import type { EntityView } from '../../compile/rules/view.ts'
import { orderName } from '../../compile/statements/page-sql.ts'
import type { OrderKey } from '../../compile/statements/plan.ts'
import { encodeText } from '../../compile/values/encode.ts'
import { rootRow, scalarType, type Term } from '../../model/expression.ts'
import { fieldNamed, storedScalar } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { SCALARS, type ScalarKind } from '../../model/scalar.ts'
import type { RowsInput, SortInput } from './intent.ts'
import { storedField } from './plan-output.ts'

/**
 * The order of a list: the keys of the request, then `id` in the direction of the last key, so that the order is total. Where a field is
 * hidden from the caller, it sorts like a missing value.
 *
 * @throws Failure for names that the caller can never read, and for fields without an order.
 */
export function planOrder(entity: EntityView, { sort, names }: Pick<RowsInput, 'sort' | 'names'>): readonly OrderKey[] {
  const keys = sort.map((s) => orderKey(entity, s, names.sort))
  if (sort.some((s) => s.name === 'id')) return keys
  return [...keys, idKey(entity, sort.at(-1)?.descending ?? false)]
}

function orderKey(entity: EntityView, { name, descending }: SortInput, parameter: string): OrderKey {
  const { field, rule } = storedField(entity, name, parameter)
  const scalar = storedScalar(field.type)
  if (field.type.kind === 'list' || !SCALARS[scalar].ordered)
    throw failure('invalid_parameter', { name: parameter, why: `${name} has no order` })
  const term: Term = { kind: 'field', row: rootRow(entity.entity.name), field: name, type: scalarType(scalar) }
  return {
    name,
    term: hiddenUnless(rule, term),
    descending,
    nullable: field.optional || field.type.kind === 'computed' || !isAlways(rule),
  }
}

/**
 * The last sort key of every list is `id`, even when the caller may not read it. The caller sees only the order of the rows, because
 * cursors are opaque.
 */
function idKey(entity: EntityView, descending: boolean): OrderKey {
  const scalar = storedScalar(fieldNamed(entity.entity, 'id').type)
  return {
    name: 'id',
    term: { kind: 'field', row: rootRow(entity.entity.name), field: 'id', type: scalarType(scalar) },
    descending,
    nullable: false,
  }
}

/** The start of a page: the sort values of the cursor, and which of them are null. The statement depends on the latter. */
export interface After {
  readonly nulls: readonly boolean[]
  readonly values: Readonly<Record<string, Value>>
}

/** Makes the cursor that points after a row. `keys` are the sort values of the row as texts. */
export function writeCursor(order: readonly OrderKey[], keys: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify([orderName(order), ...keys])).toString('base64url')
}

/**
 * Reads a cursor for this order. Its values are checked like all values of a request. Null for a text that is no cursor of this order.
 */
export function readCursor(order: readonly OrderKey[], cursor: string): After | null {
  const parts = parseCursor(cursor)
  if (parts === null || parts.length !== order.length + 1 || parts[0] !== orderName(order)) return null
  const values: Record<string, Value> = {}
  const nulls: boolean[] = []
  for (const [i, key] of order.entries()) {
    const part = parts[i + 1]
    nulls.push(part === null)
    if (part === null && key.nullable) continue
    const type = { kind: 'scalar', scalar: key.term.type.scalar, min: null, max: null, pattern: null, precision: null } as const
    const encoded =
      typeof part !== 'string' ? null : isInterval(type.scalar, part) ? ({ ok: true, value: part } as const) : encodeText(type, part)
    if (encoded?.ok !== true) return null
    values[`after.${i}`] = encoded.value
  }
  return { nulls, values }
}

/** A duration as PostgreSQL prints it (`intervalstyle = iso_8601`). Computed durations may be negative; durations in requests may not. */
const INTERVAL =
  /^P(?=.)(?:-?\d{1,6}Y)?(?:-?\d{1,2}M)?(?:-?\d{1,9}D)?(?:T(?=.)(?:-?\d{1,9}H)?(?:-?\d{1,2}M)?(?:-?\d{1,2}(?:\.\d{1,6})?S)?)?$/

function isInterval(scalar: ScalarKind, text: string): boolean {
  return scalar === 'duration' && INTERVAL.test(text)
}

function parseCursor(cursor: string): readonly unknown[] | null {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return null
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(parsed) ? parsed : null
  } catch {
    return null
  }
}
