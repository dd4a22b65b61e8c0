/** Entity tags (RFC 9110 section 8.8.3). */

import { hash } from 'node:crypto'

/**
 * The tag of a row as the caller sees it. The version is for If-Match; the digest of the body is there because what a caller sees
 * can change while the row does not. @throws Error without a version, which every statement returns.
 */
export function etag(version: string | null, body: string): string {
  return `"${needed(version)}.${hash('sha1', body, 'base64url').slice(0, 12)}"`
}

/**
 * The tag of a row whose body is not sent: good for If-Match, and different from the tag of every body. @throws Error without a
 * version.
 */
export function versionTag(version: string | null): string {
  return `"${needed(version)}"`
}

function needed(version: string | null): string {
  if (version === null) throw new Error('the statement returned no version')
  return version
}
