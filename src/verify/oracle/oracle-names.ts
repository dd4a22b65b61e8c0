/** What enters the oracle's evaluator besides rows, and what leaves it: the names of an action, and results. */

import { entityNamed, type Model } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { durationText } from './oracle-duration.ts'
import type { PlainRow, Rows } from './oracle-rows.ts'
import { Constant, celValue, type PlainValue, type RowValue, Span, Tagged } from './oracle-values.ts'

/** The meaning of a name of an action: a row, rows, a value, or nothing. The `input` of an action has names such as `input.from`. */
export type Named =
  | { readonly kind: 'row'; readonly entity: string; readonly row: PlainRow }
  | { readonly kind: 'rows'; readonly entity: string; readonly rows: readonly PlainRow[]; readonly total: number }
  | { readonly kind: 'value'; readonly scalar: ScalarKind; readonly value: Exclude<PlainValue, null> }
  | { readonly kind: 'missing' }

const INPUT = 'input.'

/** The values of names in one object, in which missing rows are absent. The number of all rows of a list is under its name and `_total`. */
export function valuesOfNames(model: Model, rows: Rows, names: ReadonlyMap<string, Named>): Readonly<Record<string, unknown>> {
  const input: Record<string, unknown> = {}
  const values: Record<string, unknown> = { input }
  for (const [name, named] of names) {
    const [into, key] = name.startsWith(INPUT) ? [input, name.slice(INPUT.length)] : [values, name]
    if (named.kind === 'row') into[key] = rows.valueFor(entityNamed(model, named.entity), named.row)
    else if (named.kind === 'value') into[key] = celValue(named.scalar, named.value)
    else if (named.kind === 'rows') {
      const entity = entityNamed(model, named.entity)
      into[key] = named.rows.map((row) => rows.valueFor(entity, row))
      into[`${key}_total`] = BigInt(named.total)
    }
  }
  return values
}

/** A result of the evaluator as JSON has it; a row gives its id. @throws TypeError for a result that JSON does not have. */
export function plainOf(result: unknown): PlainValue {
  if (result === null || typeof result === 'string' || typeof result === 'boolean' || typeof result === 'number') return result
  if (typeof result === 'bigint') return Number(result)
  if (result instanceof Date) return result.toISOString()
  if (result instanceof Span) return durationText(result.ms / 1_000)
  if (result instanceof Tagged || result instanceof Constant) return result.text
  if (Array.isArray(result)) return result.map(plainOf)
  if (typeof result === 'object' && result.constructor === Object) return plainOf((result as RowValue).id)
  throw new TypeError(`a ${typeof result} is no value of JSON`)
}
