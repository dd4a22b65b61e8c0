/** Compares rows and answers with those that the fold expects. */

import { isDeepStrictEqual } from 'node:util'
import type { Model } from '../../model/model.ts'
import type { AllRows } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { isTokenOf, secretOf } from './secrets.ts'

const TIMES: ReadonlySet<string> = new Set(['createdAt', 'updatedAt'])

/** Rows before and after, and those that are expected after. */
export interface Compared {
  readonly expected: AllRows
  readonly after: AllRows
  readonly before: AllRows
  /** Whether a value of a field is another than the expected one; null for the usual comparison. */
  readonly differs?: (field: string, found: PlainValue, wanted: PlainValue) => boolean | null
}

/** A description of the first row that differs; null for none. Times that the server sets are not compared in rows that changed. */
export function rowsDiffer(model: Model, compared: Compared): string | null {
  for (const { name } of model.entities) {
    const wrong = differenceIn(name, compared)
    if (wrong !== null) return wrong
  }
  return null
}

function differenceIn(name: string, compared: Compared): string | null {
  const { expected, after, before } = compared
  const [wanted, found] = [new Map((expected.get(name) ?? []).map((row) => [row.id, row])), after.get(name) ?? []]
  const old = new Set(before.get(name) ?? [])
  for (const row of found) {
    const other = wanted.get(row.id ?? null)
    if (other === undefined) return `${name} ${row.id} is there, and is not expected: ${JSON.stringify(row)}`
    const field = differingField(compared, { row, other, isUnchanged: old.has(other) })
    if (field !== null) return `${name} ${row.id} has ${field} ${JSON.stringify(row[field])}, expected ${JSON.stringify(other[field])}`
  }
  const lacking = [...wanted.keys()].find((id) => !found.some((row) => row.id === id))
  return lacking === undefined ? null : `${name} ${lacking} is expected, and is not there`
}

interface Pair {
  readonly row: PlainRow
  readonly other: PlainRow
  readonly isUnchanged: boolean
}

function differingField({ differs = () => null }: Compared, { row, other, isUnchanged }: Pair): string | null {
  const names = Object.keys(row).filter((name) => isUnchanged || !TIMES.has(name))
  const isOther = (name: string, found: PlainValue, wanted: PlainValue): boolean =>
    differs(name, found, wanted) ?? (name === 'deletedAt' ? (found === null) !== (wanted === null) : !isSame(found, wanted))
  return names.find((name) => isOther(name, row[name] ?? null, other[name] ?? null)) ?? null
}

/** Whether two values are equal. A number and the text of a decimal are compared as numbers. */
export function isSame(a: unknown, b: unknown): boolean {
  // The secret of a row that a later step has deleted is not known.
  if (b === secretOf(0) || b === secretOf(null)) return typeof a === 'string' && a.length > 40
  if (typeof b === 'string' && b.startsWith('token of ')) return isTokenOf(b, a)
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    if (Array.isArray(a) !== Array.isArray(b)) return false
    const [x, y] = [Object.entries(a), new Map(Object.entries(b))]
    return x.length === y.size && x.every(([key, value]) => y.has(key) && isSame(value, y.get(key)))
  }
  const isDecimal = (value: unknown): boolean => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
  if ((typeof a === 'number' || isDecimal(a)) && (typeof b === 'number' || isDecimal(b))) return Number(a) === Number(b)
  return isDeepStrictEqual(a, b)
}
