/** Decides how many waiting calls of a statement form its next batch, and whether they wait for a running batch. */

import type { Statement } from '../../base/sql/statement.ts'
import type { QueuedCall } from './call-queue.ts'
import { isMergedRunning, isSlow, type RunningBatch } from './running-batch.ts'
import type { Shares } from './shares.ts'
import type { StatementCosts } from './statement-costs.ts'

/** What these decisions depend on. */
export interface Merging {
  /** `merge`: whether calls may share a statement. */
  readonly options: { readonly merge: boolean }
  readonly batches: ReadonlyMap<unknown, RunningBatch>
  readonly costs: StatementCosts
  readonly shares: Shares
}

/**
 * The maximum batch size of a statement. It is 1 while a batch of the statement is slow, because the next call may be slow as well and
 * would delay the others. `now` is the time of `performance.now()`.
 */
export function batchSizeOf({ options, batches, costs, shares }: Merging, statement: Statement<unknown>, now: number): number {
  const single =
    !options.merge || statement.merge === undefined || isSlow(batches.values(), statement, now) || shares.isHeavy(statement, now)
  return single ? 1 : costs.batchSize(statement)
}

/** The waiting calls of a statement. `now` is the time of `performance.now()`. */
export interface Gathering {
  readonly statement: Statement<unknown>
  readonly calls: readonly QueuedCall[]
  readonly now: number
}

/**
 * Whether calls wait for a running merged batch of their statement. They wait while they do not fill a batch, because the clients of the
 * running batch may then send more calls.
 */
export function shouldGather(merging: Merging, { statement, calls, now }: Gathering): boolean {
  return (
    calls[0]?.single !== true &&
    isMergedRunning(merging.batches.values(), statement, now) &&
    calls.length < batchSizeOf(merging, statement, now)
  )
}
