/** Converts values to PostgreSQL's text form. */

/** Converts bytes to `bytea` in hexadecimal. */
export function bytea(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`
}

/** Converts milliseconds since 1970 to `timestamptz`. */
export function timestampText(ms: number): string {
  return new Date(ms).toISOString()
}
