/** The header fields of pages that a design answers. */

import { createHash } from 'node:crypto'

/**
 * The header fields of a page, in place of those that every answer has. With the `Referrer-Policy` of other answers, browsers send `Origin:
 * null` with the forms of a page (Fetch, "append a request Origin header"), so a check of `Origin` would refuse them.
 */
export function pageHeaders(styles: readonly string[]): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': pagePolicy(styles),
    'referrer-policy': 'same-origin',
  }
}

/**
 * The `Content-Security-Policy` of a page: no scripts, no other documents, no other site's styles, and only the styles of the template
 * itself (CSP Level 3). Images may be of any site with https.
 */
function pagePolicy(styles: readonly string[]): string {
  const hashes = styles.map((style) => ` 'sha256-${createHash('sha256').update(style).digest('base64')}'`).join('')
  return [
    "default-src 'none'",
    "img-src 'self' https: data:",
    "font-src 'self'",
    "media-src 'self' https:",
    `style-src 'self'${hashes}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
