/** The `Prefer` header (RFC 7240): what a client would like of an answer. */

/** What the answer to a write holds: the row, or nothing. */
export type Returning = 'row' | 'nothing'

/** `return=minimal` asks for no body. A preference that is unknown, or given again, is ignored (RFC 7240 section 2). */
export function readPrefer(header: string | null): Returning {
  if (header === null) return 'row'
  for (const preference of header.split(',')) {
    const match = /^\s*return\s*=\s*"?([\w-]+)"?\s*(?:;|$)/i.exec(preference)
    if (match !== null) return match[1]?.toLowerCase() === 'minimal' ? 'nothing' : 'row'
  }
  return 'row'
}

/** Says that the preference was followed. */
export const MINIMAL_APPLIED = { 'preference-applied': 'return=minimal' } as const
