/** The tickets of uploads, as requests send them and the database gets them. A row gets its file by the ticket. */

/** The form of a ticket: a word, and 32 random bytes in base64url. */
export const TICKET_PATTERN = '^upload_[A-Za-z0-9_-]{43}$'

const TICKET = new RegExp(TICKET_PATTERN)

/** The value that is bound to the column for a ticket; undefined for a value that is no ticket. */
export function boundTicket(value: unknown): string | undefined {
  return typeof value === 'string' && TICKET.test(value) ? JSON.stringify({ ticket: value }) : undefined
}
