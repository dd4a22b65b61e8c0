/** F100: bodies in which all numbers and times are as large or as small as they may be, so that sums and products are out of range. */

import type { Entity } from '../../model/model.ts'
import type { BodyValues } from '../expected/abstract-request.ts'
import type { DesignField, WrittenEntity } from '../expected/written-design.ts'

const LARGEST_INTEGER = 2 ** 53 - 1
/** Digits of a decimal without a precision. */
const MANY_DIGITS = 100

/** The least and the greatest value of each type without limits of its own. */
const ENDS: Readonly<Record<string, (field: DesignField) => readonly [least: unknown, greatest: unknown]>> = {
  integer: () => [-LARGEST_INTEGER, LARGEST_INTEGER],
  number: () => [-Number.MAX_VALUE, Number.MAX_VALUE],
  decimal: ({ precision = MANY_DIGITS, scale = 0 }) => {
    const digits = `${'9'.repeat(precision - scale) || '0'}${scale === 0 ? '' : `.${'9'.repeat(scale)}`}`
    return [`-${digits}`, digits]
  },
  timestamp: () => ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  date: () => ['0001-01-01', '9999-12-31'],
  time: () => ['00:00:00', '23:59:59.999'],
  duration: () => ['PT0S', 'P99999D'],
}

/**
 * The body with the greatest values, with the least, and with both in turn; none for an entity with fewer than two such fields.
 *
 * @param names the fields that the caller may send.
 */
export function limitsTogether(written: WrittenEntity | undefined, body: BodyValues, names: readonly string[]): readonly BodyValues[] {
  const ends = names.flatMap((name): readonly (readonly [string, unknown, unknown])[] => {
    const field = written?.fields[name]
    const end = field === undefined ? undefined : ENDS[field.type]?.(field)
    return field === undefined || end === undefined ? [] : [[name, field.min ?? end[0], field.max ?? end[1]]]
  })
  if (ends.length < 2) return []
  const having = (isGreatest: (n: number) => boolean): BodyValues => ({
    ...body,
    ...Object.fromEntries(ends.map(([name, least, greatest], n) => [name, isGreatest(n) ? greatest : least])),
  })
  return [having(() => true), having(() => false), having((n) => n % 2 === 0), having((n) => n % 2 === 1)]
}

/** The fields of an entity that a body of this caller may hold. @param writable those that it may set in some state. */
export function sendableNames({ fields }: Entity, writable: ReadonlySet<string>, verb: 'create' | 'update'): readonly string[] {
  return fields.filter(({ name, immutable }) => writable.has(name) && (verb === 'create' || !immutable)).map(({ name }) => name)
}
