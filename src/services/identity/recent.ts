/** A map that remembers the most recently used entries and forgets the others, so that it never grows beyond its size. */

export interface Recent<K, V> {
  readonly get: (key: K) => V | undefined
  readonly set: (key: K, value: V) => void
  readonly delete: (key: K) => void
  readonly size: () => number
}

/** Makes an empty one for `most` entries. `forgotten` hears of each entry that had to go for another, not of those deleted. */
export function recent<K, V>(most: number, forgotten: (key: K, value: V) => void = () => {}): Recent<K, V> {
  // A Map iterates in the order of insertion, so the first key is the one used longest ago.
  const entries = new Map<K, V>()
  return {
    get: (key) => {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set: (key, value) => {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= most) return
      for (const [oldest, old] of entries) {
        entries.delete(oldest)
        forgotten(oldest, old)
        break
      }
    },
    delete: (key) => {
      entries.delete(key)
    },
    size: () => entries.size,
  }
}
