/**
 * Headers of every answer (OWASP REST Security Cheat Sheet; ASVS 3.4). Browsers must not cache an answer, show it in a frame or guess its
 * media type.
 */

import { crossOriginHeaders, type Origins } from './cross-origin.ts'

/** Headers that forbid caching, frames and access from other origins; on every response. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  vary: 'Origin, Authorization, Cookie',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** `Strict-Transport-Security` (RFC 6797) tells browsers to use only TLS. Sent when the public address is https. */
const STRICT_TRANSPORT = 'max-age=31536000; includeSubDomains'

/** The media type of JSON responses. */
export const JSON_TYPE = 'application/json; charset=utf-8'

/** Header fields as node:http takes them: a name, its value, the next name, and so on. Names are in lower case, and each occurs once. */
export type Fields = string[]

/** What the fields of every answer depend on, beside the request. */
export interface CommonFieldsOptions {
  readonly origins: Origins
  /** Whether the public address is https. */
  readonly secure: boolean
  /** Whether pages of other origins may send credentials that the browser keeps. */
  readonly credentials: boolean
}

/** The fields that all answers of one backend have. */
export interface CommonFields {
  /** Makes those of one answer, as a new list. @param origin the header `Origin` of the request */
  readonly of: (origin: string | undefined, traceId: string) => Fields
  /**
   * The lines of all fields of an answer: `name: value` and CRLF for each. @throws Error for a value with a character that no field may
   * have.
   */
  readonly linesOf: (fields: Fields) => string
}

/** Opens the common fields of the answers of one backend. */
export function openCommonFields({ origins, secure, credentials }: CommonFieldsOptions): CommonFields {
  const fixed = Object.entries({ ...SECURITY_HEADERS, ...(secure ? { 'strict-transport-security': STRICT_TRANSPORT } : {}) }).flat()
  const fixedLines = linesFrom(fixed, 0)
  return {
    of(origin, traceId) {
      const fields = [...fixed, 'x-request-id', traceId]
      if (origin !== undefined) setFields(fields, crossOriginHeaders(origins, origin, credentials))
      return fields
    },
    linesOf: (fields) => (beginsWith(fields, fixed) ? fixedLines + linesFrom(fields, fixed.length) : linesFrom(fields, 0)),
  }
}

function beginsWith(fields: Fields, first: Fields): boolean {
  for (let i = 0; i < first.length; i++) if (fields[i] !== first[i]) return false
  return true
}

/** The characters that no value of a field has (RFC 9110 section 5.5), the same that node:http refuses. */
const REFUSED = /[^\t\x20-\x7e\x80-\xff]/

/** The lines of the fields from an index. @throws Error for a value with a character that no field may have. */
function linesFrom(fields: Fields, from: number): string {
  let lines = ''
  for (let i = from; i < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    if (REFUSED.test(value)) throw new Error(`the field ${name} has a character that no field may have`)
    lines += `${name}: ${value}\r\n`
  }
  return lines
}

/** Sets fields, in place of those with the same names. */
export function setFields(fields: Fields, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) setField(fields, name, headers[name] as string)
}

function setField(fields: Fields, name: string, value: string): void {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === name) {
      fields[i + 1] = value
      return
    }
  }
  fields.push(name, value)
}

/** Calls `set` for each field, in order. */
export function eachField(fields: Fields, set: (name: string, value: string) => void): void {
  for (let i = 0; i < fields.length; i += 2) set(fields[i] as string, fields[i + 1] as string)
}
