/** Reads the JSON body of a request. Its depth and number of keys are checked before parsing, so the cost of parsing is limited. */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { parseExactly } from '../../base/number/exact-json.ts'
import { type JsonMeasure, measureJson, type Room } from '../../base/texts/measure-json.ts'

/**
 * Parses a body. A number that a double might change becomes an `ExactNumber`.
 *
 * @throws Failure `malformed_request` when the body is not JSON in UTF-8, nests too deeply or has too many keys.
 */
export function parseBody(bytes: Buffer): unknown {
  const text = decode(bytes)
  if (text.trim() === '') throw failure('malformed_request', { what: 'the body is empty; send a JSON object' })
  const { numbers } = measure(text, { depth: LIMITS.bodyDepth, items: LIMITS.bodyKeys })
  try {
    return numbers === 'long' ? parseExactly(text) : JSON.parse(text)
  } catch {
    throw failure('malformed_request', { what: 'the body is not JSON' })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw failure('malformed_request', { what: 'the body is not UTF-8' })
  }
}

/**
 * Counts the keys and items of a JSON text.
 *
 * @throws Failure `malformed_request` for more than there is room for.
 */
export function measure(text: string, room: Room): JsonMeasure {
  const measured = measureJson(text, room)
  if (measured.exceeds === 'depth') throw failure('malformed_request', { what: `the body nests more than ${LIMITS.bodyDepth} levels deep` })
  if (measured.exceeds === 'items') throw failure('malformed_request', { what: `the body has more than ${LIMITS.bodyKeys} keys and items` })
  return measured
}
