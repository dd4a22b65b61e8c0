/** Addresses of mails, with the name of a person or without (RFC 5322 section 3.4). */

/** An address, and the name before it. */
export interface MailAddress {
  /** Empty for none. */
  readonly name: string
  readonly address: string
}

/**
 * What an address may not have: white space, control and format characters, and what separates or quotes addresses in a header. Addresses
 * in quotes are valid in RFC 5322, but programs disagree on where they end.
 */
const NO_ADDRESS = /[\s\p{C}\p{Z}<>()[\],;:\\"]/u

/** Embeddings, overrides and isolates of Unicode (UAX 9): with them, `\u202Efdp.exe` is shown as `exe.pdf`. */
export const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g

/** Whether a text is one address, which stays one address in any header and in any command of SMTP. */
export function isMailAddress(text: string): boolean {
  const [local = '', domain = '', ...rest] = text.split('@')
  return local !== '' && domain !== '' && rest.length === 0 && text.length <= 254 && !NO_ADDRESS.test(text) && !text.startsWith('-')
}

/** Reads `Blog <no-reply@example.com>` or `no-reply@example.com`; null for anything else. */
export function readMailAddress(text: string): MailAddress | null {
  const [, name = '', address = ''] = /^(?:([^<>"]*?) *<([^<>]*)>|)$/.exec(text.trim()) ?? []
  const read = address === '' ? { name: '', address: text.trim() } : { name: name.trim(), address }
  return isMailAddress(read.address) && !/[\p{C}\u2028\u2029]/u.test(read.name) ? read : null
}

/**
 * A text for a header: control characters and the line separators of Unicode become spaces, so that it stays one line, and so do the
 * characters that change the direction of the text after them (`BIDI_CONTROLS`).
 */
export function headerText(text: string): string {
  return text
    .replace(BIDI_CONTROLS, ' ')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
}
