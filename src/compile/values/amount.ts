/** Changing a number by an amount: `{ "views": { "increment": 1 } }`. */

import { memo } from '../../base/memo.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import { type Encoded, encodeJson } from './encode.ts'

const ADDABLE: ReadonlySet<string> = new Set(['integer', 'decimal', 'number'])

/** A field to whose value an amount can be added. */
export function isAddable(type: FieldType): type is ScalarType {
  return type.kind === 'scalar' && ADDABLE.has(type.scalar)
}

/** Whether a value is an amount: an object whose only member is `increment`, of any value. */
export function isAmount(value: unknown): value is { readonly increment: unknown } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'increment') && Object.keys(value).length === 1
}

/**
 * The amount to bind, or its problems. Limits apply to the sum, which only the database knows; the digits after the point are checked here.
 */
export function encodeAmount(type: ScalarType, { increment }: { readonly increment: unknown }): Encoded {
  const encoded = encodeJson(amountType(type), increment)
  return encoded.ok ? encoded : { ok: false, problems: encoded.problems.map((p) => ({ ...p, pointer: `/increment${p.pointer}` })) }
}

/** The type of an amount: the field's own, with no limits. */
export const amountType = memo((type: ScalarType): ScalarType => ({ ...type, min: null, max: null }))
