/** The rows that were asked for last, as the design says (`cache: { ttl: '5m' }`): for one process, and dropped when it writes them. */

const TTL_MS = 5 * 60_000
const MOST = 1_000

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
