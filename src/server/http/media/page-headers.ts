/** The header fields of pages that a design answers. */

import { createHash } from 'node:crypto'

/** The media type of pages. */
export const HTML_TYPE = 'text/html; charset=utf-8'

/**
 * The `Content-Security-Policy` of a page: no scripts, no other documents, no other site's styles, and only the styles of the template
 * itself (CSP Level 3). Images may be of any site with https.
 */
export function pagePolicy(styles: readonly string[]): string {
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
