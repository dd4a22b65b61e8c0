/**
 * Headers of every answer (OWASP REST Security Cheat Sheet; ASVS 3.4). Browsers must not cache an answer, show it in a frame or guess its
 * media type.
 */

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
export const STRICT_TRANSPORT = 'max-age=31536000; includeSubDomains'

/** The media type of JSON responses. */
export const JSON_TYPE = 'application/json; charset=utf-8'
