/** Limits by locks: writers that wait for one row, and transactions that hold a lock for long. Pure. */

import type { ResourceLimit } from '../performance-report.ts'
import { type MeasuredLimits, meanOf, type WeighedOperation } from './measured-limits.ts'
import { isWaiting } from './watch-waits.ts'

/** From this time on, the lock is held for something else than the write itself. */
const LONG_MS = 60
/** A holder that does nothing in the database in this part of the looks waits for code or for another system. */
const IDLE = 0.5
/** One row, if it was the only one that was contended at this part of the looks. */
const ONE_ROW = 0.5
/** Waiting is proven to be the limit if 32 callers get less than this many times what one gets. */
const MOVED = 1.5
/** From this part of the looks on, the sessions of several processes wait for one another so often that one more would not help. */
const WAITING_BESIDE = 0.6

/**
 * Limits by locks: a limit for each operation whose sessions wait for one another; where they do not in one process, which may send its
 * writes in turns, one for all operations if they do in several processes.
 */
export function lockLimits(measured: MeasuredLimits): readonly ResourceLimit[] {
  const own = ownLimits(measured)
  const [shared] = own.length > 0 ? [] : [limitOfInstances(measured)]
  return shared == null ? own : [shared]
}

function ownLimits({ operations, expected }: MeasuredLimits): readonly ResourceLimit[] {
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
 * More processes answer no more than one then, and one answers no more than its processor allows. It is suspected: processes that share
 * processors answer less, too.
 */
function limitOfInstances({ operations, instances, expected }: MeasuredLimits): ResourceLimit | null {
  const [one, ...more] = instances
  const [most] = more.toSorted((a, b) => b.waiting - a.waiting)
  // The write that waited most when it was alone.
  const [writer] = operations
    .filter(({ kind, waits }) => kind === 'write' && waits.waiting > 0)
    .toSorted((a, b) => b.waits.waiting / b.waits.looks - a.waits.waiting / a.waits.looks)
  if (one === undefined || most === undefined || writer === undefined || most.waiting < WAITING_BESIDE) return null
  const server = meanOf(operations, ({ cost }) => cost.serverMs)
  const best = Math.max(...instances.map(({ perSecond }) => perSecond))
  const at = Math.min(best, server === null ? best : 1_000 / server.mean)
  const seen = `with ${most.instances} serving processes a session waited for a lock at ${percent(most.waiting)} of the looks; they answered ${digits(most.perSecond)} requests a second, and one process ${digits(one.perSecond)}`
  return {
    ...{ axis: 'load', where: writer.what, basis: 'measured', isProven: false, unit: 'requests a second' },
    ...{ at: digits(at), times: digits(at / expected.perSecond) },
    ...lockText(writer, seen),
  } as const
}

/**
 * For how long a lock is held. A look meets long transactions more often than short ones, so it is at most what leaves time for all
 * requests that were answered: one after the other on one row, or by all sessions at once.
 */
function heldMs({ waits, ceiling }: WeighedOperation, isOne: boolean): number {
  return Math.min(waits.holder?.ms ?? 0, (1_000 * (isOne ? 1 : waits.sessions)) / ceiling.perSecond)
}

/** Which lock, and what to change. @param seen what was seen of an operation; its own looks unless given. */
function lockText(
  operation: WeighedOperation,
  seen = `at ${percent(operation.waits.waiting / operation.waits.looks)} of the looks a session waited for a lock; it gets at most ${digits(operation.ceiling.perSecond)} a second`,
): Pick<ResourceLimit, 'resource' | 'why' | 'change'> {
  const { holder, row } = operation.waits
  const isOne = row !== null && row.part >= ONE_ROW
  const held = heldMs(operation, isOne)
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
