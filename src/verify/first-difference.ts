/** The first place at which an answer differs from what is expected, in few words: a person has to see what is wrong. */

import { isDeepStrictEqual } from 'node:util'

/** Characters of a value in a description. */
const LONGEST_VALUE = 200

/**
 * Describes the first difference: `author.email is "a@b.example", expected null`. Rows of lists are told apart by their ids.
 *
 * @param at the place of both values in the answer.
 */
export function firstDifference(found: unknown, expected: unknown, at = ''): string {
  if (Array.isArray(found) && Array.isArray(expected)) return listDifference(found, expected, at)
  if (isObject(found) && isObject(expected)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const place = at === '' ? name : `${at}.${name}`
      if (!Object.hasOwn(found, name)) return `${place} is missing, expected ${short(expected[name])}`
      if (!Object.hasOwn(expected, name)) return `${place} is ${short(found[name])}, and must not be there`
      if (!isDeepStrictEqual(found[name], expected[name])) return firstDifference(found[name], expected[name], place)
    }
  }
  return `${at === '' ? 'it' : at} is ${short(found)}, expected ${short(expected)}`
}

function listDifference(found: readonly unknown[], expected: readonly unknown[], at: string): string {
  const list = at === '' ? 'the list' : at
  const [own, wanted] = [found.map(idOf), expected.map(idOf)]
  const stray = own.find((id) => id !== null && !wanted.includes(id))
  const lost = wanted.find((id) => id !== null && !own.includes(id))
  const rows = [...(stray === undefined ? [] : [`${stray} must not be there`]), ...(lost === undefined ? [] : [`${lost} is missing`])]
  if (rows.length > 0 || found.length !== expected.length)
    return [`${list} has ${found.length === 1 ? '1 item' : `${found.length} items`}, expected ${expected.length}`, ...rows].join(': ')
  const i = found.findIndex((one, n) => !isDeepStrictEqual(one, expected[n]))
  return own[i] === wanted[i]
    ? firstDifference(found[i], expected[i], `${at}[${i}]`)
    : `${list} has ${own[i]} at place ${i}, expected ${wanted[i]}: another order`
}

function idOf(one: unknown): string | null {
  return isObject(one) && one.id !== undefined ? String(one.id) : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}
