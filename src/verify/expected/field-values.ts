/**
 * Values of a field that a body may or may not hold, from the design as written and the reference of the language: both sides of each
 * limit, other JSON types, and values that often pass by mistake. Nothing here is shared with the readers of bodies.
 */

import { formatDecimal, parseDecimal } from '../oracle/oracle-decimal.ts'
import type { DesignField } from './written-design.ts'

const JSON_TYPES = { string: 'text', number: 7, boolean: true, array: ['x'], object: { x: 1 } } as const
/** Words. Most patterns refuse some of them. None is a password that is often guessed. */
const WORDS = [
  'glade-orchid-lantern',
  'GLADE-ORCHID-LANTERN-47',
  'Glade-Orchid-Lantern',
  '5820416379641',
  'glade orchid 47',
  'Glädé-Orchïd',
  '-',
  '\n',
]
/** A text that is a password of every length from 4, with letters of both cases, digits and signs. */
const PASSWORD = 'qV7-mZ2x/Lk9+tR4w'

/** A value to send, and whether the design allows it. */
export interface FieldValue {
  /** The name in cases: `max`, `above-max`, `null`, `type-number`. */
  readonly label: string
  /** Undefined leaves the field out. */
  readonly value: unknown
  readonly allowed: boolean
}

const allow = (label: string, value: unknown): FieldValue => ({ label, value, allowed: true })
const refuse = (label: string, value: unknown): FieldValue => ({ label, value, allowed: false })

/** Numbers of more digits are not exact. */
const MOST_DIGITS = 15
/** Longer texts are not sent, because a body has a limit of its own. */
const LONGEST_TEXT = 60_000
const LONGEST_LIST = 1_000

/** All values of a field that are tried; none for a field that no caller may send. */
export function fieldValues(field: DesignField): readonly FieldValue[] {
  const own = valuesOfType(field)
  if (own === null) return []
  const isDefaulted = field.optional === true || field.default !== undefined
  const absent: readonly FieldValue[] = [{ label: 'absent', value: undefined, allowed: isDefaulted }]
  const nothing: readonly FieldValue[] = [{ label: 'null', value: null, allowed: field.optional === true }]
  return [...own, ...nothing, ...absent]
}

function valuesOfType(field: DesignField): readonly FieldValue[] | null {
  switch (field.type) {
    case 'text':
      return [
        ...otherTypes('string').map((one) => (one.label === 'type-number' ? refuse('type-number', numberLikeText(field)) : one)),
        ...badTexts(),
        ...(field.pattern === undefined ? lengths(field, { min: 0, max: 10_000 }) : mismatches(field, { min: 0, max: 10_000 })),
        ...acceptedLengths(field),
      ]
    case 'password':
      return [...otherTypes('string'), ...mismatches(field, { min: 15, max: 256 }), ...tooShort(field.min ?? 15), ...longPasswords(field)]
    case 'email':
      return [
        ...otherTypes('string'),
        ...badTexts(),
        ...addresses(field),
        ...['no-at', 'a@', '@example.org', 'a b@example.org', 'a@example.org\n'].map((text, i) => refuse(`malformed-${i + 1}`, text)),
      ]
    case 'url':
      return [
        ...otherTypes('string'),
        ...['no url', '/relative', 'javascript:alert(1)', 'ftp://example.org/'].map((text, i) => refuse(`malformed-${i + 1}`, text)),
      ]
    case 'uuid':
      return [...otherTypes('string'), refuse('malformed-1', '0190'), refuse('malformed-2', `${'0'.repeat(36)}`)]
    case 'integer':
      return [...otherTypes('number'), ...integers(field), refuse('fraction', 1.5), refuse('above-exact', 2 ** 53)]
    case 'number':
      return [...otherTypes('number'), ...numbers(field)]
    case 'decimal':
      return [
        ...otherTypes('string', 'number'),
        ...decimals(field),
        refuse('malformed-1', '1,5'),
        refuse('malformed-2', 'NaN'),
        refuse('malformed-3', ''),
      ]
    case 'boolean':
      return [...otherTypes('boolean'), allow('true', true), allow('false', false)]
    case 'timestamp':
      return [
        ...otherTypes('string'),
        ...['2024-02-30T00:00:00Z', '2024-01-01T25:00:00Z', 'yesterday', 'infinity'].map((text, i) => refuse(`malformed-${i + 1}`, text)),
      ]
    case 'date':
      return [
        ...otherTypes('string'),
        ...['2024-02-30', '2023-02-29', '2024-13-01', 'today'].map((text, i) => refuse(`malformed-${i + 1}`, text)),
      ]
    case 'time':
      return [...otherTypes('string'), refuse('malformed-1', '25:00:00'), refuse('malformed-2', '12:60'), refuse('malformed-3', 'noon')]
    case 'duration':
      return [...otherTypes('string'), refuse('malformed-1', '1h'), refuse('malformed-2', 'P1M'), refuse('malformed-3', 'P')]
    case 'choice':
      return [...otherTypes('string'), ...choices(field.values ?? [])]
    case 'list':
      return [...otherTypes('array'), ...lists(field), refuse('null-inside', [null])]
    case 'ref':
      return [refuse('type-boolean', true), refuse('type-array', []), refuse('malformed', 'no id')]
    default:
      return null
  }
}

/** A value of each JSON type that the field does not have. */
function otherTypes(...own: readonly (keyof typeof JSON_TYPES)[]): readonly FieldValue[] {
  return Object.entries(JSON_TYPES).flatMap(([type, value]) => (own.some((one) => one === type) ? [] : [refuse(`type-${type}`, value)]))
}

/** A number whose digits, as a text, the field would take, so that a backend is noticed that makes a text of it. */
function numberLikeText({ pattern, min = 0, max = MOST_DIGITS }: DesignField): number {
  const lengths = Array.from({ length: MOST_DIGITS }, (_, i) => i + 1).filter((n) => n >= Number(min) && n <= Number(max))
  const texts = lengths.map((length) => '7'.repeat(length))
  return Number(texts.find((text) => pattern === undefined || new RegExp(pattern, 'u').test(text)) ?? JSON_TYPES.number)
}

function badTexts(): readonly FieldValue[] {
  return [refuse('nul', 'a\u0000b'), refuse('lone-surrogate', 'a\ud800b')]
}

/** Lengths in code points: a character beyond the basic plane counts once. */
function lengths({ min: least, max: most }: DesignField, usual: { readonly min: number; readonly max: number }): readonly FieldValue[] {
  const [min, max] = [Number(least ?? usual.min), Number(most ?? usual.max)]
  const text = (length: number): string => '😀'.repeat(length)
  return [
    ...(min > 0 ? [allow('min', text(min)), refuse('below-min', text(min - 1))] : []),
    ...(max <= LONGEST_TEXT ? [allow('max', text(max)), refuse('above-max', text(max + 1)), allow('max-ascii', 'm'.repeat(max))] : []),
  ]
}

/** Both sides of the limits of a text with a pattern, where the pattern accepts one letter or digit as often. */
function acceptedLengths({ pattern, min = 0, max = LONGEST_TEXT + 1 }: DesignField): readonly FieldValue[] {
  if (pattern === undefined) return []
  const expression = new RegExp(pattern, 'u')
  const of = (length: number, value: (text: string) => FieldValue): readonly FieldValue[] => {
    const text =
      length < 1 || length > LONGEST_TEXT ? undefined : ['m', 'M', '7'].map((one) => one.repeat(length)).find((one) => expression.test(one))
    return text === undefined ? [] : [value(text)]
  }
  return [
    ...of(Number(min), (text) => allow('min', text)),
    ...of(Number(min) - 1, (text) => refuse('below-min', text)),
    ...of(Number(max), (text) => allow('max', text)),
    ...of(Number(max) + 1, (text) => refuse('above-max', text)),
  ]
}

/** Texts of an allowed length that the pattern of a field refuses. */
function mismatches(
  { pattern, min: least, max: most }: DesignField,
  usual: { readonly min: number; readonly max: number },
): readonly FieldValue[] {
  if (pattern === undefined) return []
  const [min, max] = [Number(least ?? usual.min), Number(most ?? usual.max)]
  const expression = new RegExp(pattern, 'u')
  return WORDS.map((word) => [...word.repeat(Math.ceil(Math.max(min, 1) / word.length))].slice(0, max).join(''))
    .filter((text) => text.length >= min && !expression.test(text))
    .slice(0, 4)
    .map((text, i) => refuse(`mismatch-${i + 1}`, text))
}

/** Passwords as short and as long as they may be, and one character longer. */
function longPasswords({ pattern, min = 15, max = 256 }: DesignField): readonly FieldValue[] {
  const text = (length: number): string => PASSWORD.repeat(Math.ceil(length / PASSWORD.length)).slice(0, length)
  const fits = (length: number): boolean => length >= 4 && (pattern === undefined || new RegExp(pattern, 'u').test(text(length)))
  return [
    ...(fits(Number(min)) ? [allow('min', text(Number(min)))] : []),
    ...(fits(Number(max)) ? [allow('max', text(Number(max)))] : []),
    refuse('above-max', text(Number(max) + 1)),
  ]
}

/** Addresses of the most characters, and of one more. */
function addresses({ max: most = 254 }: DesignField): readonly FieldValue[] {
  const max = Number(most)
  const end = `.${'d'.repeat(60)}.${'e'.repeat(60)}.example`
  const text = (length: number): string => `${'m'.repeat(60)}@${'c'.repeat(length - 61 - end.length)}${end}`
  const isLong = max - 61 - end.length >= 1 && max - 61 - end.length < 63
  return isLong ? [allow('max', text(max)), refuse('above-max', text(max + 1))] : []
}

function tooShort(min: number | string): readonly FieldValue[] {
  return Number(min) > 1 ? [refuse('below-min', 'aA1-'.repeat(Number(min)).slice(0, Number(min) - 1))] : []
}

function integers({ min, max }: DesignField): readonly FieldValue[] {
  return bounds({ min, max }, (limit, steps) => Number(limit) + steps)
}

function numbers({ min, max }: DesignField): readonly FieldValue[] {
  return bounds({ min, max }, (limit, steps) => Number(limit) + steps * 0.001)
}

/** One step of a decimal is one unit of its last digit. */
function decimals({ min, max, precision = 0, scale = 0 }: DesignField): readonly FieldValue[] {
  const step = (limit: number | string, steps: number): string => {
    const { units, scale: own } = parseDecimal(String(limit))
    const digits = Math.max(own, scale)
    return formatDecimal({ units: units * 10n ** BigInt(digits - own) + BigInt(steps) * 10n ** BigInt(digits - scale), scale: digits })
  }
  const tooLong = `${'9'.repeat(precision - scale + 1)}${scale === 0 ? '' : `.${'0'.repeat(scale)}`}`
  return [...bounds({ min, max }, step), refuse('digits-before', tooLong), refuse('digits-after', `0.${'0'.repeat(scale)}1`)]
}

interface Limits {
  readonly min: number | string | undefined
  readonly max: number | string | undefined
}

/** The limit, and the value one step outside of it. */
function bounds({ min, max }: Limits, step: (limit: number | string, steps: number) => unknown): readonly FieldValue[] {
  return [
    ...(min === undefined ? [] : [allow('min', step(min, 0)), refuse('below-min', step(min, -1))]),
    ...(max === undefined ? [] : [allow('max', step(max, 0)), refuse('above-max', step(max, 1))]),
  ]
}

function choices(values: readonly string[]): readonly FieldValue[] {
  const shouted = values.map((value) => value.toUpperCase()).find((value) => !values.includes(value))
  const another = [...values, 'x'].join('-')
  return [
    ...values.map((value) => allow(`value-${value}`, value)),
    refuse('another', another),
    ...(shouted === undefined ? [] : [refuse('other-case', shouted)]),
  ]
}

function lists({ of, min, max = 100 }: DesignField): readonly FieldValue[] {
  const item =
    of?.type === 'choice' ? of.values?.[0] : of?.type === 'text' && of.pattern === undefined && Number(of.min ?? 0) <= 1 ? 'x' : undefined
  if (item === undefined) return []
  const items = (length: number): readonly string[] => Array.from({ length }, () => item)
  return [
    ...(min === undefined ? [allow('empty', [])] : [allow('min', items(Number(min))), refuse('below-min', items(Number(min) - 1))]),
    ...(Number(max) <= LONGEST_LIST ? [allow('max', items(Number(max))), refuse('above-max', items(Number(max) + 1))] : []),
  ]
}
