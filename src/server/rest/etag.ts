/** Entity tags (RFC 9110 section 8.8.3). */

import { hash } from 'node:crypto'
import { bytesOf, type Utf8 } from '../../base/bytes/utf8.ts'

/**
 * The tag of a row for one caller. If-Match uses its version. It also contains a digest of the body, because the body can change while the
 * row stays the same. @throws Error without a version, which every statement returns.
 */
export function etag(version: string | null, body: string | Utf8): string {
  const digest = hash('sha1', typeof body === 'string' ? body : bytesOf(body), 'base64url')
  return `"${needed(version)}.${digest.slice(0, 12)}"`
}

/** The tag of a row whose body is not sent. It works in If-Match and differs from every tag of a body. @throws Error without a version. */
export function versionTag(version: string | null): string {
  return `"${needed(version)}"`
}

function needed(version: string | null): string {
  if (version === null) throw new Error('the statement returned no version')
  return version
}
