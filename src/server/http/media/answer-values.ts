/** Values of an answer, as `parseJson` gives it. */

import { isExactNumber } from '../../../base/number/exact-json.ts'

/** A member of a value; undefined for none. Only members of the value itself count. */
export function answerMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

/** The text of a value; an empty text for null and undefined. Numbers keep their digits. */
export function answerText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return isExactNumber(value) ? value.rawJSON : JSON.stringify(value)
}
