/** Reads how long a server asks its clients to wait. */

/** Milliseconds of the header `Retry-After` (RFC 9110, section 10.2.3); null for none, or one that cannot be read. @param now since 1970 */
export function retryAfterMs(header: string | null | undefined, now: number): number | null {
  if (header === null || header === undefined) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
