/** Makes sample values that a field accepts, for examples in documents and for requests that try every operation. */

import { unreachable } from '../../base/unreachable.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { encodeJson } from './encode.ts'
import { patternSamples } from './pattern-sample.ts'

/**
 * A JSON value that the field accepts; different `n` give different values if the type allows several. Undefined where no value is found,
 * which happens only with an unusual pattern. The same type and `n` always give the same value.
 */
export function sampleValue(type: FieldType, n = 0): unknown {
  if (type.kind === 'computed') return undefined
  if (type.kind === 'list') return sampleList(type, n)
  return candidates(type, n).find((value) => encodeJson(type, value).ok)
}

function sampleList(type: FieldType & { kind: 'list' }, n: number): unknown {
  const wanted = Math.max(type.min ?? 0, Math.min(type.max, 1))
  const items = Array.from({ length: wanted }, (_, i) => sampleValue(type.of, n + i))
  return items.includes(undefined) ? undefined : items
}

function candidates(type: Exclude<FieldType, { kind: 'computed' | 'list' }>, n: number): readonly unknown[] {
  switch (type.kind) {
    case 'choice':
      return type.values
    case 'file':
      return [`upload_${mark(n).padStart(43, '0')}`]
    case 'password':
      return [fit(`Sample-Passphrase-1${mark(n)}`, type.min, type.max), ...texts(n, type.min, type.max, type.pattern)]
    case 'ref':
      return SCALAR_SAMPLES[type.scalar](n, { kind: 'scalar', scalar: type.scalar, min: null, max: null, pattern: null, precision: null })
    case 'scalar':
      return [...SCALAR_SAMPLES[type.scalar](n, type), type.min, type.max].filter((value) => value !== null)
    default:
      return unreachable(type)
  }
}

/** A different letter for every `n`, so that samples of a short text differ too. */
function mark(n: number): string {
  return n.toString(36)
}

/** Texts within the limits: texts from the pattern, if there is one, and words of common forms. */
function texts(n: number, min: number, max: number, pattern: string | null): readonly string[] {
  const spelled = pattern === null ? [] : patternSamples(pattern, n)
  // `patternSamples` ignores assertions, and patterns of passwords consist mostly of these.
  const words = [`Sample ${mark(n)}`, `Sample-1-${mark(n)}`, `sample-${mark(n)}`].map((word) => fit(word, min, max))
  return [...words, ...spelled]
}

/** Repeats or cuts a word to between `min` and `max` characters, keeping its end, because samples differ there. */
function fit(word: string, min: number, max: number): string {
  const long = word.length >= min ? word : word.repeat(Math.ceil(min / word.length)).slice(-min)
  return long.length <= max ? long : long.slice(long.length - max)
}

const two = (n: number): string => String(n).padStart(2, '0')

const SCALAR_SAMPLES = {
  text: (n, type) => texts(n, Number(type.min ?? 1), Number(type.max ?? Math.max(200, Number(type.min))), type.pattern),
  email: (n) => [`sample-${mark(n)}@example.org`, `${mark(n)}@example.org`],
  url: (n) => [`https://example.org/${mark(n)}`],
  uuid: (n) => [`0191f3c0-7a2b-7c3d-8e4f-${n.toString(16).padStart(12, '0')}`],
  integer: (n, type) => numbers(n, type),
  decimal: (n, type) => [`${n + 1}${type.precision?.scale === 0 ? '' : '.5'}`, '0.1', '0', ...numbers(n, type)],
  number: (n, type) => [n + 1.5, ...numbers(n, type)],
  boolean: (n) => [n % 2 === 0],
  timestamp: (n) => [`2030-01-${two((n % 28) + 1)}T12:00:00.000Z`],
  date: (n) => [`2030-01-${two((n % 28) + 1)}`],
  time: (n) => [`${two(n % 24)}:30:00`],
  duration: (n) => [`PT${n + 1}H`],
  encrypted: (n, type) => texts(n, Number(type.min ?? 1), Number(type.max ?? Math.max(200, Number(type.min))), type.pattern),
  encryptedEqual: (n, type) => texts(n, Number(type.min ?? 1), Number(type.max ?? Math.max(200, Number(type.min))), type.pattern),
  json: (n) => [{ sample: n }],
} as const satisfies Record<ScalarKind, (n: number, type: ScalarType) => readonly unknown[]>

function numbers(n: number, type: ScalarType): readonly number[] {
  const min = Number(type.min ?? 0)
  const max = Number(type.max ?? Number.MAX_SAFE_INTEGER)
  return [n + 1, Math.ceil(min) + n, min, max].filter((value) => value >= min && value <= max)
}
