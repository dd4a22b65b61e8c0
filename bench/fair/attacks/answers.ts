/** Requests for answers and rows above the size limits. */

import { usageOf } from '../../../src/verify/performance/load/processes.ts'
import { ask } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { readsOf } from '../streams.ts'

const TEXT_BYTES = 40_000
const COPIES = 800
/** The largest answer of one request. */
const ANSWER_BYTES = 16 * 1_048_576
const MEGABYTE = 1_048_576

/** A text that is sent once and named often by `$ref`. */
export const multiplied: Scenario = {
  title: `a transaction of under 100 kB that makes a row of ${(TEXT_BYTES * COPIES) / 1_000_000} MB by $ref`,
  others: (world) => readsOf(world, 20),
  async attack({ port, attacker, sample }) {
    const token = sample.callers[0]?.token ?? null
    const operations = [
      { name: 'one', method: 'POST', path: '/api/notes', body: { data: 'x'.repeat(TEXT_BYTES) } },
      { method: 'POST', path: '/api/notes', body: { data: Array.from({ length: COPIES }, () => ({ $ref: 'one.data' })) } },
    ]
    const made = await ask({ port, from: attacker, method: 'POST', path: '/api/transaction', token, body: JSON.stringify({ operations }) })
    const list = await ask({ port, from: attacker, method: 'GET', path: '/api/notes', token, body: null })
    return {
      attack: `the transaction ${made.status} with ${(made.bytes / MEGABYTE).toFixed(1)} MB, the list after it ${list.status}`,
      broken: [
        ...(list.status === 200 ? [] : [`the list answers ${list.status} to every caller`]),
        ...(made.bytes > ANSWER_BYTES ? [`an answer of ${made.bytes} bytes`] : []),
      ],
    }
  },
  promised: 'none refused',
  holds: ({ beside }) => beside.failed === 0,
}

const LISTS = 10
const TRANSACTIONS = 20
/** Five transactions take nearly as much as twenty: V8 collects garbage only after a certain amount of it. */
const RSS_GROWTH_MB = 150

export const tenLists: Scenario = {
  title: `${TRANSACTIONS} transactions at once, each of ${LISTS} lists of 5 MB`,
  others: (world) => ({
    title: 'health',
    everyMs: 20,
    make: (n) => ({ port: world.port, from: world.other(n), method: 'GET', path: '/health/ready', token: null, body: null }),
  }),
  async attack({ port, pid, attacker, sample, database }) {
    const token = sample.callers[0]?.token ?? null
    await database.query(
      `insert into posts (id, title, body, tags, published, author_id, created_at, updated_at, version)
       select gen_random_uuid(), 'Long ' || n, repeat('0123456789', 5000), '{long}', true, $1, now() + interval '1 day', now(), 1 from generate_series(1, 300) n`,
      [sample.callers[0]?.id],
    )
    const path = '/api/posts?sort=-createdAt&page[size]=100'
    const body = JSON.stringify({ operations: Array.from({ length: LISTS }, () => ({ method: 'GET', path })) })
    const before = usageOf(pid)?.resident ?? 0
    const told = await Promise.all(
      Array.from({ length: TRANSACTIONS }, () => ask({ port, from: attacker, method: 'POST', path: '/api/transaction', token, body })),
    )
    const grown = ((usageOf(pid)?.resident ?? 0) - before) / MEGABYTE
    const largest = Math.max(...told.map(({ bytes }) => bytes))
    await database.query("delete from posts where tags = '{long}'")
    return {
      attack: `answers of at most ${(largest / MEGABYTE).toFixed(1)} MB, statuses ${[...new Set(told.map(({ status }) => status))].join(', ')}, memory + ${Math.round(grown)} MB`,
      broken: [
        ...(largest > ANSWER_BYTES ? [`an answer of ${(largest / MEGABYTE).toFixed(0)} MB`] : []),
        ...(grown > RSS_GROWTH_MB ? [`${Math.round(grown)} MB more memory`] : []),
      ],
    }
  },
  promised: 'none above 500 ms',
  holds: ({ beside }) => beside.failed === 0 && beside.max < 500,
}
