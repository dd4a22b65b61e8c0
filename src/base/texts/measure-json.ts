/** Measures a JSON text before it is parsed, so that the cost of parsing is limited. */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const POINT = 0x2e
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])

/** How deep a JSON text may nest, and how many keys and items it may have. */
export interface Room {
  readonly depth: number
  readonly items: number
}

/** What a JSON text has. */
export interface JsonMeasure {
  /** The number of keys and items. */
  readonly items: number
  /** `long`: a number has an exponent or more than 15 characters, so that a double might change it. */
  readonly numbers: 'short' | 'long'
  /** What there is no room for; the text was read up to there. Null for a text that fits. */
  readonly exceeds: 'depth' | 'items' | null
}

/**
 * Counts the keys and items of a JSON text in one pass, and checks its depth. It skips strings. The parser checks later that the
 * text is JSON.
 */
export function measureJson(text: string, room: Room): JsonMeasure {
  const skip = stringSkipper(text)
  let depth = 0
  let items = 0
  let numbers: 'short' | 'long' = 'short'
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) {
      i = skip(i + 1)
    } else if (c === COMMA || OPEN.has(c)) {
      items++
      if (c !== COMMA) depth++
      if (depth > room.depth) return { items, numbers, exceeds: 'depth' }
      if (items > room.items) return { items, numbers, exceeds: 'items' }
    } else if (CLOSE.has(c)) {
      depth--
    } else if (c >= ZERO && c <= NINE) {
      const end = numberEnd(text, i)
      if (end - i > 15 || isExponent(text.charCodeAt(end))) numbers = 'long'
      i = end - 1
    }
  }
  return { items, numbers, exceeds: null }
}

/** The index after the digits and points that begin at `from`. */
function numberEnd(text: string, from: number): number {
  let i = from + 1
  for (let c = text.charCodeAt(i); (c >= ZERO && c <= NINE) || c === POINT; c = text.charCodeAt(i)) i++
  return i
}

function isExponent(c: number): boolean {
  return c === 0x65 || c === 0x45
}

/**
 * Finds the closing quote of a string from its first character; the length of the text if there is none. A string without a backslash is
 * searched with `indexOf`, which takes a tenth of the time for a string of a megabyte.
 */
function stringSkipper(text: string): (from: number) => number {
  let backslash = -1
  return (from) => {
    if (backslash < from) backslash = indexOrEnd(text, '\\', from)
    const quote = indexOrEnd(text, '"', from)
    if (backslash > quote) return quote
    let i = backslash
    for (; i < text.length && text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++
    return Math.min(i, text.length)
  }
}

function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at < 0 ? text.length : at
}
