/**
 * Values of another JSON type that look like those of a field: `"true"`, `1`, `["a"]`. The reference of the language and that of REST name
 * the one type of each field, so each of them must be refused. Nothing here is shared with the readers of bodies.
 */

import type { DesignField } from '../../expected/written-design.ts'

/** A value that must be refused. */
export interface LookAlike {
  /** `text-true`, `list-of-one`. */
  readonly label: string
  readonly value: unknown
  /** GraphQL takes one value for a list with one item (specification, section 3.11), and references as ids alone. */
  readonly restOnly?: true
}

const look = (label: string, value: unknown): LookAlike => ({ label, value })

/**
 * The look-alikes of a field; none for a type that takes any JSON, and for types of which no request holds values.
 *
 * @param right a value that the field takes.
 */
export function lookAlikes(field: DesignField, right: unknown): readonly LookAlike[] {
  if (right === undefined || right === null) return []
  const own = ofType(field, right)
  return own === null ? [] : [...own, ...(field.type === 'list' ? [] : wrapped(field, right))]
}

/** The value in a list, in an object, and as JSON in a text. */
function wrapped({ type }: DesignField, right: unknown): readonly LookAlike[] {
  const isText = ['text', 'password'].includes(type)
  return [
    look('list-of-one', [right]),
    look('in-an-object', { value: right }),
    ...(isText ? [] : [look('as-json', JSON.stringify([right]))]),
  ]
}

function ofType(field: DesignField, right: unknown): readonly LookAlike[] | null {
  switch (field.type) {
    case 'boolean':
      return [
        ...['true', 'false', 'True', '1', '0', 'yes', 'on', '', 'null'].map((text) => look(`text-${text}`, text)),
        ...[1, 0].map((number) => look(`number-${number}`, number)),
      ]
    case 'integer':
    case 'number':
      return [...digits(String(right)), ...booleans()]
    case 'decimal':
      // A decimal is a text of digits, so only spaces and words differ from it.
      return [look('text-with-spaces', ` ${right} `), look('text-null', 'null'), ...booleans()]
    case 'text':
    case 'password':
      return [...numbersLike(field), ...booleans()]
    case 'timestamp':
    case 'date':
      return [...moments(String(right)), ...booleans(), look('text-null', 'null')]
    case 'time':
    case 'duration':
    case 'email':
    case 'url':
    case 'uuid':
      return [...[0, 1, 3_600].map((number) => look(`number-${number}`, number)), ...booleans(), look('text-null', 'null')]
    case 'choice':
      return [...[0, 1].map((number) => look(`number-${number}`, number)), ...booleans(), look('text-spaces', ` ${right} `)]
    case 'list':
      return Array.isArray(right) ? lists(field, right) : []
    case 'ref':
      return [{ ...look('ids-in-object', { id: [right] }), restOnly: true }, look('text-null', 'null'), ...booleans()]
    default:
      return null
  }
}

function booleans(): readonly LookAlike[] {
  return [true, false].map((value) => look(`boolean-${value}`, value))
}

/** Texts that some readers take for a number. */
function digits(right: string): readonly LookAlike[] {
  return [look('text-digits', right), look('text-with-spaces', ` ${right} `), look('text-empty', ''), look('text-null', 'null')]
}

/** Numbers whose digits, as a text, have a length that the field takes, and small ones. */
function numbersLike({ min = 0, max = 15 }: DesignField): readonly LookAlike[] {
  const length = Math.min(Math.max(Number(min), 2), Number(max), 15)
  return [
    ...[0, 1].map((number) => look(`number-${number}`, number)),
    look('number-of-its-length', Number('7'.repeat(length))),
    look('number-huge', 1e30),
  ]
}

/** The moment as a number of milliseconds, of seconds, and of its digits. */
function moments(right: string): readonly LookAlike[] {
  const ms = Date.parse(right)
  return [
    look('number-ms', Number.isNaN(ms) ? 1_700_000_000_000 : ms),
    look('number-seconds', Number.isNaN(ms) ? 1_700_000_000 : Math.trunc(ms / 1_000)),
    look('text-ms', String(Number.isNaN(ms) ? 1_700_000_000_000 : ms)),
    look('number-digits', Number(right.slice(0, 10).replaceAll('-', '')) || 20_240_131),
  ]
}

const ITEMS: Readonly<Record<string, unknown>> = { integer: 7, number: 1.5, decimal: '7', boolean: true, date: '2024-01-31', time: '09:30' }

/** One item in place of the list, its text, and items of another type. A list of JSON takes any item. */
function lists({ of }: DesignField, right: readonly unknown[]): readonly LookAlike[] {
  const [item = of?.values?.[0] ?? ITEMS[of?.type ?? ''] ?? 'x'] = right
  // A number may be spelled as a decimal, and not as a text.
  const strangers =
    typeof item === 'string'
      ? [true, { value: item }, ...(of?.type === 'text' ? [7, 2.5] : [])]
      : typeof item === 'number'
        ? [`${item}`, true]
        : ['true', 1]
  const alone = [
    look('one-item', item),
    look('items-in-text', `${item},${item}`),
    look('text-empty-list', '[]'),
    look('as-json', JSON.stringify([item])),
    look('numbered', { 0: item }),
  ]
  return [
    ...alone.map((one): LookAlike => ({ ...one, restOnly: true })),
    ...(of?.type === 'json'
      ? []
      : [look('item-in-list', [[item]]), ...strangers.map((stranger, i) => look(`item-of-type-${i + 1}`, [item, stranger]))]),
  ]
}
