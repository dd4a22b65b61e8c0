/**
 * Reads e-mail addresses, URLs and UUIDs, and tells which texts and JSON PostgreSQL can hold. Values of designs and of requests
 * are read by the same functions.
 */

import { nearestDouble } from './number/decimal.ts'
import { isExactNumber } from './number/exact-json.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/**
 * RFC 5321 mailbox in ASCII with a dot-atom of at most 64 octets before the `@`. Without the flag `u`, `i` ignores the case of ASCII
 * letters alone.
 */
const EMAIL =
  /^(?=.{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i
/** The characters of RFC 3986, in a URL with an authority. */
const URL_TEXT = /^https?:\/\/[\w.~:/?#[\]@!$&'()*+,;=%-]+$/i

/** Deepest nesting of arrays and objects that a `json` value may have. */
export const MAX_JSON_DEPTH = 32

/** The number of code points of a text. Limits on the length of texts count these. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** True for text that PostgreSQL can hold: no NUL and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000')
}

/** True for JSON within `levels` of nesting, of finite numbers and texts that PostgreSQL can hold. */
export function isStorableJson(value: unknown, levels = MAX_JSON_DEPTH): boolean {
  switch (typeof value) {
    case 'string':
      return isStorable(value)
    case 'number':
      return Number.isFinite(value)
    case 'boolean':
      return true
    case 'object': {
      if (value === null) return true
      if (levels === 0) return false
      if (isExactNumber(value)) return nearestDouble(value.rawJSON) !== undefined
      if (Array.isArray(value)) return value.every((item) => isStorableJson(item, levels - 1))
      return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableJson(item, levels - 1))
    }
    default:
      return false
  }
}

/**
 * The e-mail address in lower case, so that each mailbox has one account: no mail system in use distinguishes upper and lower case. The
 * text is checked before its case changes: U+212A (KELVIN SIGN) is not allowed in an address, but its lower case `k` is. Undefined when the
 * text is not an address.
 */
export function readEmail(text: string): string | undefined {
  return matching(text, EMAIL, 254)?.toLowerCase()
}

/** The text itself, if it is an absolute http or https URL; else undefined. */
export function readUrl(text: string): string | undefined {
  const url = matching(text, URL_TEXT, 2048)
  return url !== undefined && URL.canParse(url) ? url : undefined
}

/** The UUID in lower case; undefined when the text is not a UUID. */
export function readUuid(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined
}

function matching(text: string, pattern: RegExp, longest: number): string | undefined {
  return text.length <= longest && pattern.test(text) ? text : undefined
}
