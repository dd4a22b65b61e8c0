import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textOf } from '../../../base/bytes/utf8.ts'
import { MAX_ANSWER_BYTES } from '../../../base/sql/statement.ts'
import { pageReader } from './page-reader.ts'
import type { RowShape } from './shape.ts'

/** Rows of one text, which is also their sort key. */
const SHAPE: RowShape = {
  pieces: [
    { kind: 'literal', text: '{"a":' },
    { kind: 'column', as: 'text' },
    { kind: 'literal', text: '}' },
  ],
  keys: [{ column: 0, as: 'text' }],
}

function rowOf(text: string | null): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(text === null ? -1 : Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text ?? '')])
}

/** A text as a column of a record, after its type. */
function recordColumn(text: string | null): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, 25]), rowOf(text)])
}

/** A record of two texts in binary format, as a column; null for none. */
function recordOf(texts: readonly [string | null, string | null] | null): Buffer {
  if (texts === null) return rowOf(null)
  const record = Buffer.concat([Buffer.from([0, 0, 0, 2]), ...texts.map(recordColumn)])
  const length = Buffer.alloc(4)
  length.writeInt32BE(record.length)
  return Buffer.concat([length, record])
}

/** The same as columns of their own, after the column that says whether there is an object. */
function objectOf(texts: readonly [string | null, string | null] | null): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, 1, texts === null ? 0 : 1]), ...(texts ?? [null, null]).map(rowOf)])
}

function page(size: number, texts: readonly (string | null)[]) {
  const reader = pageReader(SHAPE, size).open()
  for (const text of texts) reader.add(rowOf(text), 0)
  const { data, next, count } = reader.end()
  return { data: data === null ? null : textOf(data), next, count }
}

/** The JSON of a page as JavaScript writes it. */
const jsonOf = (texts: readonly (string | null)[]) => JSON.stringify(texts.map((a) => ({ a })))

test('a page has its rows and the keys of the last one when there is another row', () => {
  const texts = ['a', 'Grüße 日本 😀', '"\\\n\u0001\u001f\u007f', 'x'.repeat(100), `${'é'.repeat(80)}"\t`, null]
  assert.deepEqual(page(10, texts), { data: jsonOf(texts), next: null, count: null })
  assert.deepEqual(page(6, texts), { data: jsonOf(texts), next: null, count: null })
  for (let size = 1; size < texts.length; size++) {
    const shown = texts.slice(0, size)
    assert.deepEqual(page(size, texts.slice(0, size + 1)), { data: jsonOf(shown), next: [shown.at(-1)], count: null })
  }
})

test('a page without rows is an empty array', () => {
  assert.deepEqual(page(5, []), { data: '[]', next: null, count: null })
})

test('a page ends before the row with which it would be larger than an answer may be', () => {
  const quarter = MAX_ANSWER_BYTES / 4
  // Each row has eight bytes around its text, and a comma or a bracket.
  const whole = ['a', 'b', 'c'].map((letter) => letter.repeat(quarter - 9))
  const last = 'd'.repeat(quarter - 10)
  const fits = page(10, [...whole, last])
  assert.equal(fits.data?.length, MAX_ANSWER_BYTES)
  assert.equal(fits.next, null)
  assert.deepEqual(page(10, [...whole, `${last}d`, 'e']), { data: jsonOf(whole), next: [whole[2]], count: null })
  // A first row is always shown, but not sent when it is too large.
  const large = 'x'.repeat(MAX_ANSWER_BYTES)
  assert.deepEqual(page(10, [large, 'a']), { data: null, next: [large], count: null })
})

for (const [kind, columnsOf] of [
  ['record', recordOf],
  ['object', objectOf],
] as const)
  test(`rows with the ${kind} of the row before, another one and none`, () => {
    const text = { kind: 'column', as: 'text' } as const
    const pieces = [
      { kind: 'literal', text: '{"a":' },
      text,
      { kind: 'literal', text: ',"b":' },
      text,
      { kind: 'literal', text: '}' },
    ] as const
    const shape: RowShape = { pieces: [{ kind, pieces }, { kind: 'literal', text: ',' }, text], keys: [] }
    const objects = [['x', 'é"'], ['x', 'é"'], null, null, ['x', null], ['x', null], ['x', 'yy'], ['xy', 'y'], ['xy', 'y'], null] as const
    const reader = pageReader(shape, 20).open()
    for (const [i, object] of objects.entries()) {
      // Rows do not begin at the same offset of their buffers.
      const before = Buffer.alloc(i % 3)
      reader.add(Buffer.concat([before, columnsOf(object), rowOf(String(i))]), before.length)
    }
    const { data } = reader.end()
    const expected = objects.flatMap((object, i) => [object === null ? null : { a: object[0], b: object[1] }, String(i)])
    assert.equal(data === null ? null : textOf(data), JSON.stringify(expected))
  })
