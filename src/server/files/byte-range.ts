/** The header `Range` (RFC 9110, section 14.2). */

import type { ByteRange } from '../../services/files/storage.ts'

/** A part of a file, all of it (`whole`), or no byte of it (`none`). */
export type AskedRange = ByteRange | 'whole' | 'none'

/**
 * Reads the header for a file of `size` bytes. A header in another unit, with a mistake or with several parts is ignored, as it may be.
 */
export function readRange(header: string | null, size: number): AskedRange {
  const match = header === null || header.length > 100 ? null : /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header)
  if (match === null) return 'whole'
  const [, from = '', to = ''] = match
  if (from === '') {
    if (to === '') return 'whole'
    return Number(to) === 0 ? 'none' : { first: Math.max(0, size - Number(to)), last: size - 1 }
  }
  if (to !== '' && Number(to) < Number(from)) return 'whole'
  if (Number(from) >= size) return 'none'
  return { first: Number(from), last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}
