/**
 * How far the log was read. Numbers of events and ids of transactions are given before the commit, so a reader that only remembers the last
 * one would miss the events of transactions that commit later. A cursor is therefore a snapshot: the set of all transactions whose events
 * were read. It cannot be an id of a transaction: a transaction with a lower id may change a row after one with a higher id.
 */

/** A large batch, which is read in pages. */
export interface LargeBatch {
  /** The snapshot at its end. */
  readonly target: string
  /** Its events up to this number were delivered. */
  readonly last: string
  /** No event of the batch has a higher number. */
  readonly until: string
}

/** How far the log was read. */
export interface Cursor {
  readonly seen: string
  /** The events of all transactions with ids from the `xmax` of `seen` on have higher numbers. */
  readonly floor: string
  /** The batch after `seen` that is being read, if it is a large one. */
  readonly batch: LargeBatch | null
}

/** A number of an event, and the id of a transaction that was given after that number. */
export interface Mark {
  readonly number: string
  readonly xid: string
}

/** The snapshot that has seen nothing: its batch begins with the first event of the log. */
export const NOTHING_SEEN = '1:1:'

/**
 * The cursor at a later snapshot. The floor becomes the number of the mark if all transactions from the `xmax` of the snapshot on were
 * given their ids after it. The `xmax` alone does not say this: it is the id after the last one that has ended, and transactions with
 * higher ids may have run for long.
 */
export function cursorAt(seen: string, floor: string, mark: Mark | null): Cursor {
  const isMarked = mark !== null && xmaxOf(seen) > BigInt(mark.xid)
  return { seen, floor: isMarked ? largest(floor, mark.number) : floor, batch: null }
}

/** The text of a snapshot is `xmin:xmax:xip_list` (PostgreSQL manual, 9.27.9). */
function xmaxOf(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[1] ?? 0)
}

/** The larger of two numbers of events. */
export function largest(one: string, other: string): string {
  return BigInt(one) > BigInt(other) ? one : other
}
