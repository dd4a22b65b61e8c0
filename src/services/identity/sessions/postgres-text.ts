/** Values in PostgreSQL's text form. */

/** Bytes, as `bytea` in hexadecimal. */
export function bytea(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`
}

/** Milliseconds since 1970, as `timestamptz`. */
export function timestampText(ms: number): string {
  return new Date(ms).toISOString()
}
