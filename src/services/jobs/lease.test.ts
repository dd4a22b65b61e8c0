import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Row } from '../../base/sql/statement.ts'
import { openLeasing } from './lease.ts'

/** A leasing of one kind, whose clock the test moves, with the ranges of times that each statement reads. */
function leasingOf(rows: () => readonly Row[], tookMs: () => number) {
  let now = 0
  const reads: { readonly from: string; readonly until: string }[][] = []
  const list = (value: unknown): readonly string[] => String(value).slice(2, -2).split('","')
  const run = async (_: unknown, values: Readonly<Record<string, unknown>>): Promise<readonly Row[]> => {
    now += tookMs()
    const [ats, untils] = [list(values.ats), list(values.untils)]
    reads.push(ats.map((from, i) => ({ from, until: untils[i] ?? '' })))
    return rows()
  }
  const runner = { run, runInOrder: async () => [] }
  const leasing = openLeasing(runner as never, [{ kind: 'a', priority: 0, concurrency: null }], () => now)
  return { reads, leasing, pass: (ms: number) => (now += ms) }
}

const JOB: Row = ['7', 'a', '1', '{}', null, '2026-05-01 00:00:00+00', '2026-05-01 00:00:00+00']

test('reading begins behind the last job, and from the beginning again after two seconds, however long a read has taken', async () => {
  let took = 500
  const { reads, leasing, pass } = leasingOf(
    () => [JOB],
    () => took,
  )
  const beginning = async (): Promise<boolean> => {
    await leasing.take('w', { now: 0, ahead: 1 })
    return reads.at(-1)?.at(-1)?.from === '-infinity'
  }
  assert.equal(await beginning(), true)
  took = 1
  assert.equal(await beginning(), false)
  pass(1_500)
  assert.equal(await beginning(), true)
})

test('jobs of ended workers are looked for first, and only by a worker that begins them at once', async () => {
  const { reads, leasing } = leasingOf(
    () => [],
    () => 1,
  )
  await leasing.take('w', { now: 2, ahead: 0 })
  await leasing.take('w', { now: 2, ahead: 3 })
  const ofEnded = { from: '-infinity', until: '-infinity' }
  const others = { from: '-infinity', until: 'infinity' }
  assert.deepEqual(reads, [[ofEnded, others], [others]])
})
