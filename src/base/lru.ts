/** A cache of limited size that drops the least recently used entry. */

/** A map of limited size. `get` counts as a use of the entry; `set` drops the least recently used entry when the map is full. */
export interface Lru<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  readonly size: number
}

/** Opens an empty cache. @param capacity how many entries are kept, at least 1. */
export function lru<V>(capacity: number): Lru<V> {
  const entries = new Map<string, V>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      // A Map iterates in order of insertion, so moving a used entry to the end keeps the oldest first. While at most half of the capacity
      // is used, nothing is dropped soon, so the order is not updated.
      if (entries.size > capacity / 2) {
        entries.delete(key)
        entries.set(key, value)
      }
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= capacity) return
      const [oldest] = entries.keys()
      if (oldest !== undefined) entries.delete(oldest)
    },
    get size() {
      return entries.size
    },
  }
}
