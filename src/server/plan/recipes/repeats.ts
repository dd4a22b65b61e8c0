/** Tells which texts come repeatedly, in a fixed amount of memory. */

/** FNV-1a with 32 bits (RFC 9923), over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * Opens a function that notes a text and returns whether it was noted before. It forgets a text when another one takes its place. In rare
 * cases it returns true for a new text.
 *
 * @param places how many texts it can remember, at least 1. Each takes four bytes.
 */
export function openRepeats(places: number): (text: string) => boolean {
  const seen = new Uint32Array(places)
  return (text) => {
    const hash = hashOf(text)
    const place = hash % places
    if (seen[place] === hash) return true
    seen[place] = hash
    return false
  }
}
