/** One caller who keeps connections busy with transactions and with waiting for a lock. */

import { busyAuthor, costlyList } from '../busy-author.ts'
import { type Asking, ask, type Told } from '../client.ts'
import type { Scenario, World } from '../scenario.ts'
import { insertsOf, readsOf } from '../streams.ts'

const OPERATIONS = 50
const PATCHES = 12
const TRANSACTIONS = 16
const REPEATED_MS = 9_000

/** The number of texts that a read of the transaction searches for; PostgreSQL needs some tens of milliseconds for it. */
const TEXTS = 2

/** A transaction that changes a row and then reads until its timeout. */
function longTransaction({ port, attacker, sample }: World, author: string): Asking {
  const own = sample.own.find(({ caller }) => caller === 0)
  const operations = [
    { method: 'PATCH', path: `/api/posts/${own?.id}`, body: { title: 'held' } },
    ...Array.from({ length: OPERATIONS - 1 }, () => ({ method: 'GET', path: costlyList(author, TEXTS) })),
  ]
  return {
    port,
    from: attacker,
    method: 'POST',
    path: '/api/transaction',
    token: sample.callers[0]?.token ?? null,
    body: JSON.stringify({ operations }),
  }
}

function toldOf(all: readonly Told[]): string {
  const statuses = new Map<number, number>()
  for (const { status } of all) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  return [...statuses].map(([status, many]) => `${many} × ${status === 0 ? 'no answer' : status}`).join(', ')
}

/** Repeats `work` until the time is up. */
async function repeated<T>(milliseconds: number, work: () => Promise<readonly T[]>): Promise<readonly T[]> {
  const until = performance.now() + milliseconds
  const all: T[] = []
  while (performance.now() < until) all.push(...(await work()))
  return all
}

export const lockedRow: Scenario = {
  title: `a transaction of ${OPERATIONS} operations that holds a row for 3 s, and ${PATCHES} changes of that row`,
  others: (world) => insertsOf(world, 20),
  async attack(world) {
    const { port, attacker, sample } = world
    const long = longTransaction(world, await busyAuthor(world))
    const own = sample.own.find(({ caller }) => caller === 0)
    const patch: Asking = {
      port,
      from: attacker,
      method: 'PATCH',
      path: `/api/posts/${own?.id}`,
      token: long.token,
      body: '{"title":"waits"}',
    }
    const told = await repeated(REPEATED_MS, () => Promise.all([ask(long), ...Array.from({ length: PATCHES }, () => ask(patch))]))
    return { attack: toldOf(told), broken: [] }
  },
  promised: 'p99 under 5 × that without, none refused',
  holds: ({ alone, beside }) => beside.failed === 0 && beside.p99 < 5 * alone.p99,
}

export const manyTransactions: Scenario = {
  title: `${TRANSACTIONS} transactions of one caller at a time`,
  others: (world) => readsOf(world, 20),
  async attack(world) {
    const long = longTransaction(world, await busyAuthor(world))
    const told = await repeated(REPEATED_MS, () => Promise.all(Array.from({ length: TRANSACTIONS }, () => ask(long))))
    return { attack: toldOf(told), broken: [] }
  },
  promised: 'p99 under 5 × that without, none refused',
  holds: ({ alone, beside }) => beside.failed === 0 && beside.p99 < 5 * alone.p99,
}
