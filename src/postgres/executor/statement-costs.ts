/** What running statements has taught about them. */

import type { Statement } from '../../base/sql/statement.ts'
import { type Learned, learn, sizeAfter } from './batch-size.ts'

/** What a trip has taught. */
export interface Lesson {
  /** Different calls. */
  readonly calls: number
  /** How long they took together, in milliseconds; null when that says nothing of what a call costs. */
  readonly ms: number | null
  readonly sharing: Sharing | null
}

/** Texts that a trip has made for its calls to share, and in how many places they were shown. */
export interface Sharing {
  readonly made: number
  readonly shown: number
}

/** Sharing pays when less than this part of what is shown has to be made: to keep account of a page costs some fifth of making it (bench/, branch). */
const MOST_MADE = 0.75
/** Trips after which it is tried again where it did not pay. */
const TRIES_AFTER = 64

export interface Lessons {
  /** How many calls of a statement may leave together. */
  readonly sizeOf: (statement: Statement) => number
  /** Whether calls shall share what they show. */
  readonly shares: (statement: Statement) => boolean
  /** Tells what a trip over a connection has taught. */
  readonly tell: (statement: Statement, over: object | null, lesson: Lesson) => void
}

/** Knows nothing yet. */
export function openLessons(): Lessons {
  const learned = new WeakMap<Statement, Learned>()
  // Trips until sharing is tried again.
  const unshared = new WeakMap<Statement, number>()
  // Statements by the connection that has planned them, in either form: what it plans takes its time, which is not the calls'.
  const planned = { single: new WeakMap<object, WeakSet<Statement>>(), merged: new WeakMap<object, WeakSet<Statement>>() }

  function isPlanned(statement: Statement, connection: object | null, form: keyof typeof planned): boolean {
    if (connection === null) return false
    const known = planned[form].get(connection) ?? new WeakSet()
    planned[form].set(connection, known)
    if (known.has(statement)) return true
    known.add(statement)
    return false
  }

  return {
    sizeOf: (statement) => sizeAfter(learned.get(statement)),
    shares: (statement) => (unshared.get(statement) ?? 0) === 0,
    tell(statement, over, { calls, ms, sharing }) {
      const left = unshared.get(statement) ?? 0
      if (sharing !== null && sharing.made > sharing.shown * MOST_MADE) unshared.set(statement, TRIES_AFTER)
      else if (left > 0) unshared.set(statement, left - 1)
      if (isPlanned(statement, over, calls === 1 ? 'single' : 'merged') && ms !== null)
        learned.set(statement, learn(learned.get(statement), calls, ms))
    },
  }
}
