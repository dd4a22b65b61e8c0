import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compositeKey, type KeyPart } from './composite-key.ts'

/** Parts that look like the encoding of other parts. */
const PARTS: readonly KeyPart[] = [
  '',
  'a',
  'a b',
  ' ',
  '\n',
  '"',
  '1:',
  '1:a',
  '0:',
  '-',
  't',
  'f',
  '#1;',
  '[',
  ']',
  '[]',
  'é',
  '😀',
  0,
  1,
  11,
  -1,
  1.5,
  true,
  false,
  null,
  [],
  [''],
  [[]],
  ['a'],
  ['a', 'a'],
  ['aa'],
  [1],
  [null, true],
]

test('different lists of parts never share a key', () => {
  const keys = new Map<string, string>()
  const check = (parts: readonly KeyPart[]) => {
    const key = compositeKey(parts)
    const same = keys.get(key)
    const text = JSON.stringify(parts)
    assert.ok(same === undefined || same === text, `${same} and ${text} share the key ${key}`)
    keys.set(key, text)
  }
  check([])
  for (const a of PARTS) {
    check([a])
    for (const b of PARTS) {
      check([a, b])
      for (const c of PARTS) check([a, b, c])
    }
  }
})

test('equal lists have equal keys', () => {
  assert.equal(compositeKey(['list', 'Post', 20, false, ['a', 'b']]), compositeKey(['list', 'Post', 20, false, ['a', 'b']]))
  assert.equal(compositeKey(['a b', null, true, [2]]), '3:a b-t[#2;]')
})
