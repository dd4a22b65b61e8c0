/** The headers of answers: those that a backend has reason to send, and what those say that protect browsers. */

import type { Answered } from '../expected/answered.ts'

/** In lower case. None of them says how the backend is made, or how long its parts took. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['cache-control', 'content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy', 'referrer-policy', 'vary'],
  ...['x-content-type-options', 'x-frame-options', 'x-request-id', 'strict-transport-security', 'permissions-policy'],
  ...['content-type', 'content-length', 'content-disposition', 'content-range', 'content-encoding', 'content-language', 'accept-ranges'],
  ...['date', 'connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'etag', 'last-modified', 'location', 'link', 'retry-after'],
  ...['www-authenticate', 'allow', 'accept-patch', 'accept-post', 'ratelimit', 'ratelimit-policy', 'preference-applied'],
  ...['idempotency-replayed', 'set-cookie', 'deprecation', 'sunset'],
  ...['origin', 'credentials', 'methods', 'headers'].map((what) => `access-control-allow-${what}`),
  ...['access-control-expose-headers', 'access-control-max-age', 'access-control-allow-private-network'],
])

/** What the headers of JSON say (OWASP REST Security Cheat Sheet): nothing of it is a page, and no page of another origin may use it. */
const OF_JSON: Readonly<Record<string, RegExp>> = {
  'content-security-policy': /^(?=.*default-src 'none')(?=.*frame-ancestors 'none')/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-(?:origin|site)$/,
  vary: /^(?=.*\borigin\b)(?=.*\bauthorization\b)/i,
}

/** A name that the documents do not have; null if all are known. */
export function strayHeader({ headers }: Answered): string | null {
  const stray = Object.keys(headers).find((name) => !KNOWN.has(name))
  return stray === undefined ? null : `the header ${stray}, which no document names: ${String(headers[stray]).slice(0, 80)}`
}

/** What is wrong with the headers of an answer in JSON; undefined for another one. A page of an allowed origin may use an answer. */
export function jsonHeadersProblem({ headers }: Answered): string | null | undefined {
  if (!/[/+]json\b/.test(String(headers['content-type'] ?? ''))) return undefined
  // A file, which may be JSON, has headers of its own.
  if (headers['content-disposition'] !== undefined) return undefined
  const isAllowed = headers['access-control-allow-origin'] !== undefined
  const wrong = Object.entries(OF_JSON).find(
    ([name, form]) => !(isAllowed && name === 'cross-origin-resource-policy') && !form.test(String(headers[name] ?? '')),
  )
  return wrong === undefined ? null : `${wrong[0]} is ${String(headers[wrong[0]] ?? 'missing').slice(0, 80)}`
}
