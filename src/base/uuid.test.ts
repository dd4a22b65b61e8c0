import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from './uuid.ts'

test('ids have the form of RFC 9562, hold their time, and each is greater than the one before', () => {
  const now = Date.UTC(2099, 0, 1)
  const ids = Array.from({ length: 10_000 }, (_, i) => uuidv7(now + Math.floor(i / 5_000)))
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.deepEqual(ids.toSorted(), ids)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16), now)
})

test('ids stay in order when the clock goes back', () => {
  const late = Date.UTC(2100, 0, 1)
  const [first, second] = [uuidv7(late), uuidv7(late - 60_000)]
  assert.ok(first < second)
})
