/** The `Prefer` header (RFC 7240). */

/** What the answer to a write contains. */
export type Returning = 'row' | 'nothing'

/** Reads the header: `return=minimal` asks for no body. An unknown or repeated preference is ignored (RFC 7240 section 2). */
export function readPrefer(header: string | null): Returning {
  if (header === null) return 'row'
  for (const preference of header.split(',')) {
    const match = /^\s*return\s*=\s*"?([\w-]+)"?\s*(?:;|$)/i.exec(preference)
    if (match !== null) return match[1]?.toLowerCase() === 'minimal' ? 'nothing' : 'row'
  }
  return 'row'
}

/** The header that says that `return=minimal` was applied. */
export const MINIMAL_APPLIED = { 'preference-applied': 'return=minimal' } as const
