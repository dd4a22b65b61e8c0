/** UUIDs that sort by time of creation. */

import { randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(16 * 256)
let used = pool.length
let lastMs = 0
let sequence = 0

/**
 * A UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix time in milliseconds, then 12 bits that count up within a millisecond (method 1 of
 * section 6.2, starting from a random value), then random bits. Within one process each is greater than the one before.
 *
 * @param nowMs milliseconds since 1970.
 */
export function uuidv7(nowMs: number): string {
  if (used >= pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const at = used
  used += 16
  if (nowMs > lastMs) {
    lastMs = nowMs
    // The top bit stays clear, so that there is room to count.
    sequence = pool.readUInt16BE(at + 6) & 0x7ff
  } else if (++sequence > 0xfff) {
    lastMs++
    sequence = 0
  }
  pool.writeUIntBE(lastMs, at, 6)
  pool.writeUInt16BE(0x7000 | sequence, at + 6)
  pool[at + 8] = 0x80 | ((pool[at + 8] ?? 0) & 0x3f)
  const hex = pool.toString('hex', at, at + 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
