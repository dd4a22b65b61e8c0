/** What connections are busy with. */

import type { Statement } from '../../base/sql/statement.ts'
import type { Gone } from './batch.ts'

/** What one connection is busy with. */
export interface Trip {
  readonly since: number
  /** The statement that would tell by being held up that it is expensive; null for what is held up for reasons of its own. */
  readonly statement: Statement | null
  /** Whether everybody has gone for whom it is; undefined when somebody cannot go. */
  readonly gone: Gone | undefined
  /** How many calls it carries. */
  readonly calls: number
}

/** A statement that has run for this long, in milliseconds, is held up, and others may start beside it. */
export const HELD_UP_MS = 50

/** Calls wait for this long at most for those of their statement that are under way together. */
const GATHERING_MS = 5

/** Calls that are held up together for this long are stopped and go again one by one: whoever holds them up shall not keep those in his company. */
const COMPANY_MS = 500

/** How many run and are not held up. */
export function runningOf(trips: Iterable<Trip>, now: number): number {
  let running = 0
  for (const { since } of trips) if (now - since < HELD_UP_MS) running++
  return running
}

/** Whether calls of a statement are held up. */
export function isHeldUp(trips: Iterable<Trip>, statement: Statement, now: number): boolean {
  for (const trip of trips) if (trip.statement === statement && now - trip.since >= HELD_UP_MS) return true
  return false
}

/** Whether several calls of a statement are under way together and may soon be back. */
export function areTogether(trips: Iterable<Trip>, statement: Statement, now: number): boolean {
  for (const trip of trips) if (trip.statement === statement && trip.calls > 1 && now - trip.since < GATHERING_MS) return true
  return false
}

/** Whether it may have to be stopped. */
export function isWatched({ gone, calls }: Trip): boolean {
  return gone !== undefined || calls > 1
}

/** Whether it has to be stopped now: nobody waits for it any more, or company has held it up for too long. */
export function isOver({ since, calls, gone }: Trip, now: number): boolean {
  return gone?.() === true || (calls > 1 && now - since >= COMPANY_MS)
}
