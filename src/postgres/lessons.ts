/** What running statements has taught about them. */

import type { Statement } from '../base/statement.ts'
import { type Learned, learn, sizeAfter } from './batch-size.ts'

export interface Lessons {
  /** How many calls of a statement may leave together. */
  readonly sizeOf: (statement: Statement) => number
  /** Tells how long so many calls took together, in milliseconds; null when that says nothing of what a call costs. */
  readonly tell: (statement: Statement, over: object | null, trip: { readonly calls: number; readonly ms: number | null }) => void
}

/** Knows nothing yet. */
export function openLessons(): Lessons {
  const learned = new WeakMap<Statement, Learned>()
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
    tell(statement, over, { calls, ms }) {
      if (isPlanned(statement, over, calls === 1 ? 'single' : 'merged') && ms !== null)
        learned.set(statement, learn(learned.get(statement), calls, ms))
    },
  }
}
