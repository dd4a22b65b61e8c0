import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cronProblem, nextTime } from './cron.ts'

/** The next times, in UTC. */
function times(cron: string, timeZone: string, from: string, count: number): readonly string[] {
  const found: string[] = []
  let at: number | null = Date.parse(from)
  for (let i = 0; i < count && at !== null; i++) {
    at = nextTime({ cron, timeZone }, at)
    if (at !== null) found.push(new Date(at).toISOString().slice(5, 16))
  }
  return found
}

test('a time of day that summer time skips is run once that day, after the change', () => {
  assert.deepEqual(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3), ['03-28T01:30', '03-29T01:00', '03-30T00:30'])
  assert.deepEqual(times('30 2 * * *', 'America/New_York', '2026-03-07T00:00:00Z', 3), ['03-07T07:30', '03-08T07:00', '03-09T06:30'])
})

test('a time of day that is twice is run once, the first time', () => {
  assert.deepEqual(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z', 3), ['10-24T00:30', '10-25T00:30', '10-26T01:30'])
  assert.deepEqual(times('30 1 * * *', 'America/New_York', '2026-10-31T00:00:00Z', 3), ['10-31T05:30', '11-01T05:30', '11-02T06:30'])
})

test('times without a fixed hour go on through the change, at each of their instants', () => {
  assert.deepEqual(times('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:45:00Z', 5), [
    '10-25T00:00',
    '10-25T00:30',
    '10-25T01:00',
    '10-25T01:30',
    '10-25T02:00',
  ])
  assert.deepEqual(times('0 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3), ['03-29T01:00', '03-29T02:00', '03-29T03:00'])
})

test('an expression without a time is a problem', () => {
  assert.equal(cronProblem('*/5 1-3 1,15 jan-mar mon'), null)
  assert.match(cronProblem('60 * * * *')?.message ?? '', /is no cron expression/)
  assert.match(cronProblem('0 3 30 2 *')?.message ?? '', /no day is a time/)
})
