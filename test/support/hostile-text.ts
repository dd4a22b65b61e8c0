/** Hostile texts, names and JSON: random but reproducible, by fast-check. hostile.json has texts that are known to break programs. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'

/** A marker in hostile values. No statement may contain it. */
export const CANARY = 'zq7x'

type Lists = 'texts' | 'plain' | 'paths' | 'bodies' | 'tokens' | 'contentTypes' | 'entityTags' | 'authorizations' | 'bytes' | 'graphql'

const LISTS: Readonly<Record<Lists, readonly string[]>> = JSON.parse(readFileSync(`${import.meta.dirname}/hostile.json`, 'utf8'))

export const ROW = '01900000-0000-7000-8000-0000000000'
const NAMES = words(
  'id word mail link ref8 whole cents ratio yes at day hour span extra kind words numbers owner parent twice hidden createdAt updatedAt version deletedAt password role name email things',
)

export function words(text: string): readonly string[] {
  return text.split(' ')
}

export function from(list: Lists): fc.Arbitrary<string> {
  return fc.constantFrom(...LISTS[list])
}

/** One of several; the first has the given weight. */
export function mostly<T>(weight: number, first: fc.Arbitrary<T>, ...others: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: first }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })))
}

export function joined(item: fc.Arbitrary<string>, separator: string, maxLength: number): fc.Arbitrary<string> {
  return fc.array(item, { maxLength }).map((items) => items.join(separator))
}

export function repeated(texts: readonly string[], most: number): fc.Arbitrary<readonly [string, number]> {
  return fc.tuple(fc.constantFrom(...texts), fc.integer({ min: 1, max: most }))
}

/** Texts of any characters. `fc.string({ unit: 'binary' })` is the same, but makes a table of all characters, which takes three seconds. */
export function anyText(size: { readonly minLength?: number; readonly maxLength: number }): fc.Arbitrary<string> {
  const isSurrogate = (point: number): boolean => point >= 0xd800 && point <= 0xdfff
  const point = fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.nat(0x10ffff)).filter((one) => !isSurrogate(one))
  return fc.array(point, size).map((points) => String.fromCodePoint(...points))
}

const longText = fc.constantFrom('a'.repeat(999), 'a'.repeat(1001), 'é'.repeat(4000), `${'a,'.repeat(600)}${CANARY}`)

export const hostileText = mostly(
  6,
  from('texts'),
  longText,
  anyText({ maxLength: 30 }),
  fc.string({ maxLength: 20 }).map((text) => CANARY + text),
  fc.tuple(from('texts'), from('texts')).map(([a, b]) => a + b),
)
export const value = fc.oneof({ weight: 3, arbitrary: hostileText }, { weight: 2, arbitrary: from('plain') })

export const name = mostly(8, fc.constantFrom(...NAMES), hostileText)
