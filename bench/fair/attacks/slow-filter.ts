/** Anonymous callers whose filter runs until the timeout of a statement. */

import { busyAuthor, costlyList } from '../busy-author.ts'
import { type Asking, ask } from '../client.ts'
import type { Scenario, World } from '../scenario.ts'
import { readsOf } from '../streams.ts'

const CLIENTS = 12
const CONDITIONS = 98
const DURING_MS = 15_000

function slowList({ port, attacker }: World, author: string): Asking {
  return { port, from: attacker, method: 'GET', path: costlyList(author, CONDITIONS), token: null, body: null }
}

export const slowFilter: Scenario = {
  title: `${CLIENTS} anonymous clients with a filter that runs into the limit of a statement`,
  others: (world) => readsOf(world, 20),
  async attack(world) {
    const slow = slowList(world, await busyAuthor(world))
    const statuses = new Map<number, number>()
    const until = performance.now() + DURING_MS
    const client = async () => {
      while (performance.now() < until) {
        const { status } = await ask(slow)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, client))
    return { attack: [...statuses].map(([status, many]) => `${many} × ${status}`).join(', '), broken: [] }
  },
  promised: 'p99 under 5 × that without, none refused',
  holds: ({ alone, beside }) => beside.failed === 0 && beside.p99 < 5 * alone.p99,
}
