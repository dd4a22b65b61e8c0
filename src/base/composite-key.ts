/** Text keys for maps, made from several values. */

/** A value that a key can be made from. */
export type KeyPart = string | number | boolean | null | readonly KeyPart[]

/**
 * Joins parts to one text. Equal lists of parts have equal keys, and different lists have different keys: each text is written after its
 * length (`5:a b c`), as in a netstring, so no text can imitate another part. Lengths count UTF-16 code units.
 */
export function compositeKey(parts: readonly KeyPart[]): string {
  let key = ''
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as KeyPart
    key += typeof part === 'string' ? `${part.length}:${part}` : encoded(part)
  }
  return key
}

// The first character tells the kinds of parts apart, and each part tells where it ends.
function encoded(part: Exclude<KeyPart, string>): string {
  if (part === null) return '-'
  if (typeof part === 'boolean') return part ? 't' : 'f'
  if (typeof part === 'number') return `#${part};`
  return `[${compositeKey(part)}]`
}
