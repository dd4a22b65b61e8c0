/** Compares the rows and the answers of a call with those that the reference expects. */

import { isDeepStrictEqual } from 'node:util'
import type { Model } from '../../../../src/model/model.ts'
import type { AllRows as Rows } from '../../../../src/verify/expected/reference.ts'
import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import type { PlainValue } from '../../../../src/verify/oracle/oracle-values.ts'
import { JOURNAL } from '../../design/code-scripts.ts'
import { isPassword, PASSWORDS } from './passwords.ts'
import { isTokenOf, secretOf } from './secrets.ts'

const TIMES: ReadonlySet<string> = new Set(['createdAt', 'updatedAt'])

/** A description of the first row that differs; null for none. Times that the server sets are not compared in rows that changed. */
export function rowsDiffer(model: Model, expected: Rows, after: Rows, before: Rows): string | null {
  for (const { name } of model.entities) {
    const [wanted, found] = [new Map((expected.get(name) ?? []).map((row) => [row.id, row])), after.get(name) ?? []]
    const old = new Set(before.get(name) ?? [])
    if (name === JOURNAL) {
      const wrong = entriesDiffer(expected.get(name) ?? [], found)
      if (wrong !== null) return wrong
      continue
    }
    for (const row of found) {
      const other = wanted.get(row.id ?? null)
      if (other === undefined) return `${name} ${row.id} is there, and is not expected: ${JSON.stringify(row)}`
      const field = differingField(row, other, old.has(other))
      if (field !== null) return `${name} ${row.id} has ${field} ${JSON.stringify(row[field])}, expected ${JSON.stringify(other[field])}`
    }
    const lacking = [...wanted.keys()].find((id) => !found.some((row) => row.id === id))
    if (lacking !== undefined) return `${name} ${lacking} is expected, and is not there`
  }
  return null
}

/** Entries of scripts are compared in the order in which they were made, without their ids. */
function entriesDiffer(expected: readonly PlainRow[], found: readonly PlainRow[]): string | null {
  const textsOf = (rows: readonly PlainRow[]) => rows.map(({ text, nth }) => `${String(nth).padStart(6, '0')} ${text}`).toSorted()
  const [wanted, got] = [textsOf(expected), textsOf(found)]
  if (isDeepStrictEqual(wanted, got)) return null
  const [lacking, more] = [wanted.filter((one) => !got.includes(one)), got.filter((one) => !wanted.includes(one))]
  return `the entries ${JSON.stringify(lacking)} are expected, and ${JSON.stringify(more)} are not`
}

function differingField(row: PlainRow, other: PlainRow, isUnchanged: boolean): string | null {
  const names = Object.keys(row).filter((name) => isUnchanged || !TIMES.has(name))
  return names.find((name) => differs(name, row[name] ?? null, other[name] ?? null)) ?? null
}

function differs(name: string, found: PlainValue, wanted: PlainValue): boolean {
  // The hash of a new password has a random salt.
  if (name === 'password' && PASSWORDS.includes(String(wanted))) return !isPassword(String(wanted), found)
  return name === 'deletedAt' ? (found === null) !== (wanted === null) : !isSame(found, wanted)
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
