/** Reads form bodies: `application/x-www-form-urlencoded` in UTF-8 (WHATWG URL, section 5.1). */

import { failure } from '../../../base/failure.ts'
import { LIMITS } from '../../../base/limits.ts'

/** The names and values of a form, in their order. */
export type FormPairs = readonly (readonly [name: string, value: string])[]

/** The media type of forms. Forms in other characters than UTF-8 are refused. */
export const FORM_BODY = /^application\/x-www-form-urlencoded(?:\s*;(?:\s*charset\s*=\s*(?:utf-?8|"utf-?8")|(?!\s*charset\b)[^;]*))*\s*$/i

/**
 * Parses a form. Unlike a browser's parser it replaces nothing: a broken percent encoding or another encoding than UTF-8 is refused.
 *
 * @throws Failure `malformed_request` for a malformed form, and for more pairs than a body has keys.
 */
export function parseForm(bytes: Buffer): FormPairs {
  const text = bytes.toString('latin1')
  if (text === '') return []
  const pairs = text.split('&', LIMITS.bodyKeys + 1)
  if (pairs.length > LIMITS.bodyKeys)
    throw failure('malformed_request', { what: `the body has more than ${LIMITS.bodyKeys} keys and items` })
  return pairs.flatMap((pair): FormPairs => {
    if (pair === '') return []
    const at = pair.indexOf('=')
    return at < 0 ? [[decoded(pair), '']] : [[decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))]]
  })
}

/** The characters that a form has without an escape: all of ASCII, of which browsers write some as escapes. */
const ASCII = /^[\0-\x7f]*$/

function decoded(part: string): string {
  if (!ASCII.test(part)) throw failure('malformed_request', { what: 'the form has characters without percent encoding' })
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch {
    throw failure('malformed_request', { what: 'the form has a broken percent encoding, or is not UTF-8' })
  }
}
