/** `npm run bench -- --against`: statistics on known numbers, the order of slots, the tables, and the checkout of the other commit. */

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkOut, describeWorkingTree, findCommit } from '../../bench/against/checkout.ts'
import { orderOf, type Side } from '../../bench/against/order.ts'
import { lineOf, pairOf, type Round, reportOf } from '../../bench/against/report.ts'
import { geometricMean, ratioOf, studentQuantile } from '../../bench/against/statistics.ts'
import type { Slot } from '../../bench/measure/slot.ts'

test('quantiles of the t distribution are those of the printed tables', () => {
  const printed = { 1: 12.706, 2: 4.303, 10: 2.228, 11: 2.201, 14: 2.145, 20: 2.086, 30: 2.042, 60: 2.0, 120: 1.98 }
  for (const [freedom, quantile] of Object.entries(printed)) assert.equal(studentQuantile(Number(freedom)).toFixed(3), quantile.toFixed(3))
})

test('a ratio is the geometric mean of the rounds, with a t interval on the logarithms', () => {
  // Logarithms 0, 0.1 and 0.2: mean 0.1, standard error 0.1 / √3, and 4.3027 of it on each side.
  const pairs = [0, 0.1, 0.2].map((log) => ({ this: 500 * Math.exp(log), other: 500 }))
  const { ratio, low, high } = ratioOf(pairs) ?? assert.fail('there is a ratio')
  const reach = (4.3027 * 0.1) / Math.sqrt(3)
  for (const [found, expected] of [
    [ratio, Math.exp(0.1)],
    [low, Math.exp(0.1 - reach)],
    [high, Math.exp(0.1 + reach)],
  ] as const)
    assert.ok(Math.abs(found - expected) < 1e-12, `${found} is not ${expected}`)
})

test('the interval of the inverse ratio is the inverse interval', () => {
  const pairs = [1.1, 0.95, 1.2, 1.04].map((ratio) => ({ this: 100 * ratio, other: 100 }))
  const there = ratioOf(pairs) ?? assert.fail('there is a ratio')
  const back = ratioOf(pairs.map((pair) => ({ this: pair.other, other: pair.this }))) ?? assert.fail('there is a ratio')
  const digits = (values: readonly number[]) => values.map((value) => value.toFixed(12))
  assert.deepEqual(digits([back.ratio, back.low, back.high]), digits([1 / there.ratio, 1 / there.high, 1 / there.low]))
})

test('one round gives no interval and no ratio', () => {
  assert.deepEqual([ratioOf([]), ratioOf([{ this: 2, other: 1 }])], [null, null])
})

test('equal rounds give an interval of no width', () => {
  assert.deepEqual(ratioOf(Array(3).fill({ this: 7, other: 7 })), { ratio: 1, low: 1, high: 1 })
  assert.equal(geometricMean([2, 8]).toFixed(12), '4.000000000000')
})

test('a round runs A B B A, and A and B change places in the next round', () => {
  assert.deepEqual(orderOf(1), ['this', 'other', 'other', 'this'])
  assert.deepEqual(orderOf(2), ['other', 'this', 'this', 'other'])
  assert.deepEqual(orderOf(3), orderOf(1))
})

/** A slot of one second in which the server takes `server` seconds of processor time, and PostgreSQL half of that. */
function slot(side: Side, requests: number, server: number | null): Slot<Side> {
  const postgres = server === null ? null : server / 2
  const latencies = { p50: 1, p90: 1, p99: 1, max: 1 }
  const counts = { seconds: 1, requests, failed: 0, statuses: [], perSecond: requests, ...latencies }
  const facts = { cpu: { server, postgres, load: 0.1 }, memory: { server: null, postgres: null }, others: 0.5 }
  return { round: 1, server: side, ...LOAD, ...counts, ...facts }
}

const LOAD = { operation: 'get', connections: 32, rate: null } as const
const ROUND: Round = {
  load: LOAD,
  slots: [slot('this', 1000, 0.1), slot('other', 800, 0.1), slot('other', 800, 0.1), slot('this', 1000, 0.1)],
}

test('the report has a ratio with its interval for requests and for the processor time of both', () => {
  const report = reportOf([ROUND, ROUND], 'abc1234')
  const row =
    '| get by id, 32 connections | 1.250 (1.250 to 1.250) | 0.800 (0.800 to 0.800) | 0.800 (0.800 to 0.800) | 0.800 (0.800 to 0.800) | 2 |'
  assert.ok(report.includes(row), report)
  assert.ok(report.includes('| get by id, 32 connections | 1 000 | 800 | 100 | 125 | 50 | 63 | 150 | 188 |'), report)
  assert.match(report, /took 0\.50 processors/)
  assert.equal(lineOf(ROUND, 'abc1234'), 'get ×32: this 1 000/s, abc1234 800/s, ratio 1.250')
})

test('loads at a fixed rate have their latencies in the report, alone and beside logins', () => {
  const at = { ...LOAD, rate: 100 }
  const beside = { ...at, logins: 8 }
  const of = (load: Round['load']): Round => ({ load, slots: ROUND.slots.map((each) => ({ ...each, ...load })) })
  const report = reportOf([of(at), of(at), of(beside), of(beside)], 'abc1234')
  assert.ok(report.includes('| get by id, 32 connections, 100 a second | 1.00 | 1.00 |'), report)
  assert.ok(report.includes('| get by id, 32 connections, 100 a second, beside 8 that sign in | 1.00 | 1.00 |'), report)
  assert.ok(!reportOf([ROUND, ROUND], 'abc1234').includes('percentile'))
})

test('without processor times, only requests are compared', () => {
  const round: Round = { load: LOAD, slots: ROUND.slots.map(({ server, requests }) => slot(server, requests, null)) }
  const report = reportOf([round, round], 'abc1234')
  assert.ok(report.includes('| get by id, 32 connections | 1.250 (1.250 to 1.250) | unknown | unknown | unknown | 2 |'), report)
})

test('a round in which a slot has no processor time gives no ratio of processor time', () => {
  const [first, ...rest] = ROUND.slots
  assert.ok(first !== undefined)
  const time = ({ cpu }: Slot<Side>) => cpu.server
  assert.equal(pairOf({ load: LOAD, slots: [slot('this', 1000, 0), ...rest] }, time), null)
  assert.deepEqual(pairOf({ load: LOAD, slots: [slot('this', 1000, null), ...rest] }, time), null)
})

test('the other commit is checked out with a design that imports its own plinth', async () => {
  const commit = await findCommit('HEAD')
  const { root, design } = await checkOut(commit, assert.fail)
  assert.ok(root.endsWith(commit.hash))
  assert.equal(createRequire(design).resolve('plinth'), join(root, 'src/index.ts'))
  const { default: backend } = await import(design)
  assert.deepEqual(Object.keys(backend.entities), ['User', 'Post', 'Comment'])
  const again = await checkOut(commit, assert.fail)
  assert.deepEqual(again, { root, design })
  assert.match(await describeWorkingTree(), new RegExp(`^the working tree, (unchanged from )?${commit.short} `))
})
