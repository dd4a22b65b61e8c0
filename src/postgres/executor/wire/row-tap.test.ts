import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RowTap, splitter } from './row-tap.ts'

function message(kind: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5, kind)
  header.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

/** A row of one column. */
function dataRow(text: string): Buffer {
  const header = Buffer.from([0, 1, 0, 0, 0, 0])
  header.writeInt32BE(Buffer.byteLength(text), 2)
  return message('D', Buffer.concat([header, Buffer.from(text)]))
}

/** What a splitter does with the bytes in pieces of `size` bytes. */
function split(bytes: Buffer, size: number, isTapped: boolean) {
  const rows: string[] = []
  const forwarded: Buffer[] = []
  const read: RowTap['read'] = (row, at) => rows.push(row.toString('utf8', at + 4, at + 4 + row.readInt32BE(at)))
  const take = splitter({ read: isTapped ? read : null, unread: null }, (part) => forwarded.push(part))
  for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size))
  return { rows, forwarded: Buffer.concat(forwarded) }
}

const TEXTS = ['', 'one', 'Grüße 日本', 'x'.repeat(300)]
const ROWS = TEXTS.map(dataRow)
const BEFORE = message('2', Buffer.alloc(0))
const BETWEEN = message('N', Buffer.from('SNOTICE\0D of a notice\0\0'))
const AFTER = Buffer.concat([message('C', Buffer.from('SELECT 4\0')), message('Z', Buffer.from('I'))])
const ALL = Buffer.concat([BEFORE, ...ROWS.slice(0, 2), BETWEEN, ...ROWS.slice(2), AFTER])

test('rows are taken out of the stream, however it is cut', () => {
  for (let size = 1; size <= ALL.length; size++) {
    const { rows, forwarded } = split(ALL, size, true)
    assert.deepEqual(rows, TEXTS, `pieces of ${size}`)
    assert.deepEqual(forwarded, Buffer.concat([BEFORE, BETWEEN, AFTER]), `pieces of ${size}`)
  }
})

test('without a reader all bytes are passed on unchanged', () => {
  for (let size = 1; size <= ALL.length; size++) assert.deepEqual(split(ALL, size, false), { rows: [], forwarded: ALL })
})
