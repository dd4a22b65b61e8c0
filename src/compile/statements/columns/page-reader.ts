/** Writes the JSON of a page while its rows arrive. */

import { endBytes, openBytes } from '../../../base/bytes/byte-writer.ts'
import { writeByte } from '../../../base/bytes/json-bytes.ts'
import type { Utf8 } from '../../../base/bytes/utf8.ts'
import { MAX_ANSWER_BYTES, type ResultReader, type RowReader } from '../../../base/sql/statement.ts'
import type { ListedPage } from '../row-columns.ts'
import { keyTextsOf } from './key-texts.ts'
import type { KeyColumn, RowShape } from './shape.ts'
import { type OpenRows, rowWriter } from './write-row.ts'

/** Reads pages of at most `size` rows of a shape. The statement returns one row more, if there is one, as a sign that the list goes on. */
export function pageReader({ pieces, keys }: RowShape, size: number): ResultReader<ListedPage<Utf8>> {
  const paging = { openRows: rowWriter(pieces), keys, size }
  return { open: () => openPage(paging), size: ({ data }) => data?.length ?? 0 }
}

interface Paging {
  readonly openRows: OpenRows
  readonly keys: readonly KeyColumn[]
  readonly size: number
}

/**
 * Begins a page. Like `cutPage` of `statement-read.ts`, the page ends before the row that would make it too large. The first row is always
 * written.
 */
function openPage({ openRows, keys, size }: Paging): RowReader<ListedPage<Utf8>> {
  const write = openRows()
  const out = openBytes()
  writeByte(out, 0x5b)
  let rows = 0
  let goesOn = false
  let last: Buffer | null = null
  let lastAt = 0
  return {
    add(row, at) {
      if (goesOn) return
      goesOn = rows === size
      if (goesOn) return
      const before = out.length
      if (rows > 0) writeByte(out, 0x2c)
      write(out, row, at)
      // The closing bracket needs one byte more.
      if (rows > 0 && out.length + 1 > MAX_ANSWER_BYTES) {
        out.length = before
        goesOn = true
        return
      }
      rows++
      last = row
      lastAt = at
    },
    end() {
      writeByte(out, 0x5d)
      const next = goesOn && last !== null ? keyTextsOf(keys, last, lastAt) : null
      const isSendable = out.length <= MAX_ANSWER_BYTES
      const data = endBytes(out)
      return { data: isSendable ? data : null, next, count: null }
    },
  }
}
