/**
 * Finds texts without a Map. V8 puts each text that is looked up in a Map or a Set into its table of texts, which costs more than comparing
 * it. This matters for texts that come from requests, because they are made anew each time.
 */

/** How many characters count, at most: these many from the end, and as many from the whole text. */
const COUNTED = 8

/** A hash of a text. Different texts may have the same hash, so what is found by it must be compared. */
export function textHash(text: string): number {
  const { length } = text
  const step = Math.floor(length / COUNTED) + 1
  let hash = length
  for (let i = length - 1; i >= 0; i -= step) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  for (let i = Math.max(0, length - COUNTED); i < length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash ^ (hash >>> 15)
}

/** Makes a function that finds the values of a fixed set of texts, such as the names in a design; undefined for another text. */
export function textTable<V>(entries: Iterable<readonly [string, V]>): (text: string) => V | undefined {
  const all = [...entries]
  const mask = tableSize(all.length) - 1
  const buckets: (readonly [string, V])[][] = Array.from({ length: mask + 1 }, () => [])
  for (const entry of all) buckets[textHash(entry[0]) & mask]?.push(entry)
  return (text) => {
    for (const [key, value] of buckets[textHash(text) & mask] as (readonly [string, V])[]) if (key === text) return value
    return undefined
  }
}

/** The values that were set last, as many as there are slots. */
export interface TextSlots<V> {
  /** Undefined for a text that is not known, or whose slot another text has taken. */
  readonly get: (text: string) => V | undefined
  readonly set: (text: string, value: V) => void
  readonly delete: (text: string) => void
}

/** Opens slots for about `count` texts. */
export function textSlots<V>(count: number): TextSlots<V> {
  const mask = tableSize(count) - 1
  const slots: ({ readonly key: string; readonly value: V } | undefined)[] = new Array(mask + 1).fill(undefined)
  return {
    get(text) {
      const slot = slots[textHash(text) & mask]
      return slot !== undefined && slot.key === text ? slot.value : undefined
    },
    set(text, value) {
      slots[textHash(text) & mask] = { key: text, value }
    },
    delete(text) {
      const at = textHash(text) & mask
      if (slots[at]?.key === text) slots[at] = undefined
    },
  }
}

/** The first power of two that is at least twice as large. */
function tableSize(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count) * 2))
}

/** A set of texts. */
export interface TextSet {
  readonly has: (text: string) => boolean
  readonly add: (text: string) => void
}

/** Opens an empty set with room for `count` different texts. More must not be added. */
export function textSet(count: number): TextSet {
  const mask = tableSize(count) - 1
  const texts: (string | undefined)[] = new Array(mask + 1).fill(undefined)
  // The place of the text, or the free place where it belongs.
  const placeOf = (text: string): number => {
    let at = textHash(text) & mask
    for (let other = texts[at]; other !== undefined && other !== text; other = texts[at]) at = (at + 1) & mask
    return at
  }
  return {
    has: (text) => texts[placeOf(text)] !== undefined,
    add(text) {
      texts[placeOf(text)] = text
    },
  }
}

/** Whether no text occurs twice. */
export function allDiffer(texts: readonly string[]): boolean {
  const mask = tableSize(texts.length) - 1
  // The indexes of the texts, counted from 1, at their hash or at the next free place.
  const places = new Int32Array(mask + 1)
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i] as string
    let at = textHash(text) & mask
    for (let other = places[at] as number; other !== 0; other = places[at] as number) {
      if (texts[other - 1] === text) return false
      at = (at + 1) & mask
    }
    places[at] = i + 1
  }
  return true
}
