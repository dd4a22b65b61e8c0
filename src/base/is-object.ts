/** Distinguishes JSON objects from other JSON values. */

import { isExactNumber } from './number/exact-json.ts'

/** Whether a value is a JSON object: neither null, nor a list, nor a number that is kept as its text. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)
}
