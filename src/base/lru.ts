/** A cache of limited size that drops the least recently used entry. */

import { type TextSlots, textSlots } from './texts/text-hash.ts'

/** A map of limited size. `get` counts as a use of the entry; `set` drops the least recently used entry when the map is full. */
export interface Lru<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  readonly size: number
}

/** The number of entries that are found without a look-up in the Map, at most. */
const MOST_NEAR = 4096

/** Opens an empty cache. @param capacity how many entries are kept, at least 1. */
export function lru<V>(capacity: number): Lru<V> {
  const entries = new Map<string, V>()
  // While at most half of the capacity is used, nothing is dropped soon, so the order is not updated, and most keys need no look-up.
  const half = capacity / 2
  let near: TextSlots<V> | null = null
  return {
    get(key) {
      if (entries.size <= half) {
        const found = near?.get(key)
        if (found !== undefined) return found
      }
      const value = entries.get(key)
      if (value === undefined) return undefined
      if (entries.size <= half) {
        near ??= textSlots(Math.min(half, MOST_NEAR))
        near.set(key, value)
        return value
      }
      // A Map iterates in order of insertion, so moving a used entry to the end keeps the oldest first.
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      near?.delete(key)
      entries.delete(key)
      entries.set(key, value)
      if (entries.size > half) near = null
      if (entries.size <= capacity) return
      const [oldest] = entries.keys()
      if (oldest !== undefined) entries.delete(oldest)
    },
    get size() {
      return entries.size
    },
  }
}
