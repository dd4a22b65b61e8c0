/** The names of files: as senders give them, and as header fields have them. */

/** The most bytes of a name, as most file systems have it. */
const NAME_BYTES = 255

/** What no name keeps: controls, and the characters that change the direction of text and so can hide the end of a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const HIDDEN = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

/** A name without folders and hidden characters, at most 255 bytes long; `file` if nothing is left. */
export function safeName(given: string): string {
  const last = given.toWellFormed().normalize('NFC').replaceAll('\\', '/').split('/').at(-1) ?? ''
  const plain = last.replaceAll(HIDDEN, '').trim().replace(/^\.+/, '')
  return cut(plain) || 'file'
}

/** Cuts a long name before its ending, between two characters. */
function cut(name: string): string {
  if (Buffer.byteLength(name) <= NAME_BYTES) return name
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? ''
  let kept = ''
  for (const character of name) {
    if (Buffer.byteLength(kept + character + ending) > NAME_BYTES) break
    kept += character
  }
  return kept + ending
}

/**
 * The header `Content-Disposition` (RFC 6266, section 4). Characters outside of ASCII are in the parameter `filename*` (RFC 8187), which
 * every current browser reads; the parameter `filename` has `_` in their place.
 */
export function contentDisposition(how: 'inline' | 'attachment', name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_')
  const parameter = `${how}; filename="${plain}"`
  return plain === name ? parameter : `${parameter}; filename*=UTF-8''${extended(name)}`
}

/** A value in the form of RFC 8187: UTF-8, percent-encoded but for `attr-char`. */
function extended(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The name in a header `Content-Disposition`; null for none. `filename*` comes first (RFC 6266, section 4.3). */
export function nameIn(header: string | null): string | null {
  if (header === null || header.length > 2_000) return null
  const encoded = /(?:^|;)\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header)?.[1]
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return null
    }
  }
  const quoted = /(?:^|;)\s*filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(header)?.[1]
  if (quoted !== undefined) return Buffer.from(quoted.replaceAll(/\\(.)/g, '$1'), 'latin1').toString('utf8')
  return /(?:^|;)\s*filename\s*=\s*([^;\s"]+)/i.exec(header)?.[1] ?? null
}
