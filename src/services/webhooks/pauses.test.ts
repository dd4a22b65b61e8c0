import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryAfterMs } from '../outgoing/retry-after.ts'
import { PAUSES_MS, pauseAfter } from './pauses.ts'

const NOON = Date.parse('2026-11-29T12:00:00Z')

test('ten attempts take about three days', () => {
  const pauses = PAUSES_MS.map((_, i) => pauseAfter(i + 1, { askedMs: null, random: () => 0 }))
  assert.deepEqual(pauses, PAUSES_MS)
  assert.equal(pauseAfter(10, { askedMs: 1_000, random: () => 0 }), null)
  const hours = PAUSES_MS.reduce((sum, pause) => sum + pause, 0) / 3_600_000
  assert.ok(hours > 72 && hours < 80, `${hours} h`)
})

test('a receiver makes a pause longer, up to a day, and never shorter', () => {
  const asking = (askedMs: number) => pauseAfter(2, { askedMs, random: () => 0.5 })
  assert.deepEqual([0, 1_000, 600_000, 1e12].map(asking), [315_000, 315_000, 600_000, 86_400_000])
})

test('Retry-After is a number of seconds or a date', () => {
  const ms = ['120', 'Sun, 29 Nov 2026 12:01:00 GMT', 'Sun, 29 Nov 2026 11:00:00 GMT', '-1', 'soon', '1e9', null].map((text) =>
    retryAfterMs(text, NOON),
  )
  assert.deepEqual(ms.slice(0, 3), [120_000, 60_000, 0])
  assert.deepEqual(ms.slice(4), [null, null, null])
})
