/** Limits by locks: writers that wait for one row, and transactions that hold a lock for long. Pure. */

import type { ResourceLimit } from '../performance-report.ts'
import type { MeasuredLimits, WeighedOperation } from './measured-limits.ts'
import { isWaiting } from './watch-waits.ts'

/** From this time on, the lock is held for something else than the write itself. */
const LONG_MS = 60
/** A holder that does nothing in the database in this part of the looks waits for code or for another system. */
const IDLE = 0.5
/** One row, if it was the only one that was contended at this part of the looks. */
const ONE_ROW = 0.5
/** Waiting is proven to be the limit if 32 callers get less than this many times what one gets. */
const MOVED = 1.5

/** A limit for each operation whose sessions wait for one another. */
export function lockLimits({ operations, expected }: MeasuredLimits): readonly ResourceLimit[] {
  const weights = operations.reduce((sum, { weight }) => sum + weight, 0)
  return operations.flatMap((operation) => {
    const { waits, ceiling, weight, what } = operation
    if (!isWaiting(waits) || ceiling.perSecond === 0) return []
    const ofMix = ceiling.perSecond / (weight / weights)
    return [
      {
        ...{ axis: 'load', where: what, basis: 'measured', isProven: isProven(operation), unit: 'requests a second' },
        ...{ at: digits(ofMix), times: digits(ofMix / expected.perSecond) },
        ...lockText(operation),
      } as const,
    ]
  })
}

/**
 * For how long a lock is held. A look meets long transactions more often than short ones, so it is at most what leaves time for all
 * requests that were answered: one after the other on one row, or by all sessions at once.
 */
function heldMs({ waits, ceiling }: WeighedOperation, isOne: boolean): number {
  return Math.min(waits.holder?.ms ?? 0, (1_000 * (isOne ? 1 : waits.sessions)) / ceiling.perSecond)
}

function lockText(operation: WeighedOperation): Pick<ResourceLimit, 'resource' | 'why' | 'change'> {
  const { waits, ceiling } = operation
  const { holder, row } = waits
  const isOne = row !== null && row.part >= ONE_ROW
  const held = heldMs(operation, isOne)
  const most = `it gets at most ${digits(ceiling.perSecond)} a second`
  const seen = `at ${percent(waits.waiting / waits.looks)} of the looks a session waited for a lock; ${most}`
  if (holder !== null && held >= LONG_MS) {
    const idle = holder.idle / holder.looks >= IDLE
    return {
      resource: 'a lock that is held for long',
      why: `${seen}; transactions that held others back had run for ${digits(held)} ms${idle ? ', mostly without a statement' : ''}`,
      change: idle
        ? 'do what takes long before the lock or after the commit: call services in a reaction or a job, and keep code with a lock short'
        : 'make the transaction shorter: fewer rows in one action, and an index for what it looks for',
    }
  }
  return {
    resource: isOne ? 'one row' : 'locks of rows',
    why: isOne ? `${seen}; they waited for one row of ${row.table}` : seen,
    change: isOne
      ? 'count in several rows and add them up, or insert a row for each change and sum them later'
      : 'lock rows in one order, and fewer of them in one action',
  }
}

/** Whether more callers get no more, so that nothing but the lock can be the limit. */
function isProven({ alone, ceiling }: WeighedOperation): boolean {
  return alone !== null && ceiling.perSecond < alone * MOVED
}

function digits(value: number): number {
  return Number(value.toPrecision(3))
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}
