/**
 * A cache of recently read rows, as the design asks for (`cache: { ttl: '5m' }`): one for each process; a row is dropped when this process
 * writes it.
 */

const TTL_MS = 5 * 60_000
const MOST = 1_000

/** An empty cache. */
export function openCache() {
  const rows = new Map()
  return {
    get(id) {
      const entry = rows.get(id)
      if (entry === undefined) return undefined
      rows.delete(id)
      if (entry.until < Date.now()) return undefined
      rows.set(id, entry)
      return entry
    },
    set(id, row) {
      if (rows.size >= MOST) rows.delete(rows.keys().next().value)
      rows.set(id, { ...row, until: Date.now() + TTL_MS })
    },
    drop: (id) => rows.delete(id),
  }
}
