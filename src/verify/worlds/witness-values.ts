/** Values of a field at which the conditions of a design change their truth. */

import { unreachable } from '../../base/unreachable.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import { sampleValue } from '../../compile/values/sample.ts'
import type { FieldType } from '../../model/field-type.ts'
import { type Field, storedScalar } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

/** What conditions compare a field with. */
export interface Beside {
  readonly constants: ReadonlySet<string | number | boolean>
  /** The field is compared with the present time. */
  readonly clock: boolean
}

/** Moments that are always past and always ahead, as each scalar writes them. */
export const CLOCK: Partial<Record<ScalarKind, readonly [past: string, ahead: string]>> = {
  timestamp: ['2001-01-01T00:00:00.000Z', '2999-12-31T23:59:59.999Z'],
  date: ['2001-01-01', '2999-12-31'],
}

/**
 * The values, the usual one first: each constant, a value on each side of it, another value, and null if the field may be missing. Values
 * that the field does not accept are left out.
 *
 * @param usual the value of the field in an ordinary row.
 */
export function witnessValues(field: Field, usual: PlainValue, { constants, clock }: Beside): readonly PlainValue[] {
  const { type } = field
  const wanted = [...(clock ? (CLOCK[storedScalar(type)] ?? []) : []), ...[...constants].flatMap((value) => around(type, value))]
  const accepted = [...wanted, ...others(type)].filter((value) => encodeJson(type, value).ok)
  const all: PlainValue[] = [usual, ...(clock ? accepted : accepted.filter((value) => value !== usual)), ...(field.optional ? [null] : [])]
  const seen = new Set<string>()
  return all.filter((value) => {
    const key = JSON.stringify(value)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** A constant and its neighbours in the type. */
function around(type: FieldType, value: string | number | boolean): readonly PlainValue[] {
  if (type.kind === 'list') return [[value]]
  if (type.kind !== 'scalar') return [value]
  switch (type.scalar) {
    case 'integer':
      return typeof value === 'number' ? [value - 1, value, value + 1] : []
    case 'number':
      return typeof value === 'number' ? [value - 1, value, value + 1] : []
    case 'decimal':
      return neighboursOfDecimal(String(value), type.precision?.scale ?? 0)
    case 'timestamp':
    case 'date':
      return [String(value)]
    case 'text':
    case 'email':
    case 'url':
    case 'uuid':
    case 'time':
    case 'duration':
    case 'encrypted':
    case 'encryptedEqual':
    case 'json':
    case 'boolean':
      return [value]
    default:
      return unreachable(type.scalar)
  }
}

function neighboursOfDecimal(text: string, scale: number): readonly PlainValue[] {
  const value = Number(text)
  const step = 10 ** -scale
  return Number.isFinite(value) ? [value - step, value, value + step].map((one) => one.toFixed(scale)) : []
}

/** Further values without a constant beside them. */
function others(type: FieldType): readonly PlainValue[] {
  if (type.kind === 'choice') return type.values.slice(0, 2)
  if (type.kind === 'scalar' && type.scalar === 'boolean') return [false, true]
  if (type.kind === 'list') return [[]]
  if (type.kind !== 'scalar') return []
  if (type.scalar === 'timestamp') return momentsOf(type)
  return [sampleValue(type, 1), sampleValue(type, 2)].filter((value) => value !== undefined) as PlainValue[]
}

/** The least value of a number from 0, and its greatest one. */
export function extremes(type: Extract<FieldType, { kind: 'scalar' }>): readonly PlainValue[] {
  const { scalar, precision, min, max } = type
  const least = Math.max(0, Number(min ?? 0))
  switch (scalar) {
    case 'integer':
      return [least, Number(max ?? 1_000_000)]
    case 'number':
      return [least, Number(max ?? 1_000_000)]
    case 'decimal': {
      const { digits, scale } = precision ?? { digits: 1, scale: 0 }
      return [least.toFixed(scale), max === null ? (10 ** Math.min(digits - scale - 1, 9)).toFixed(scale) : String(max)]
    }
    default:
      return []
  }
}

/** Milliseconds between moments: rows have both short and longer times between two of them. */
const STEPS = [0, 20 * 60_000, 60 * 60_000, 24 * 60 * 60_000]

function momentsOf(type: FieldType): readonly PlainValue[] {
  const first = sampleValue(type, 1)
  return typeof first === 'string' ? STEPS.map((ms) => new Date(Date.parse(first) + ms).toISOString()) : []
}
