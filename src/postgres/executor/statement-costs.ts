/** What earlier runs of a statement say about its cost. */

import type { Statement } from '../../base/sql/statement.ts'
import { type CallCost, maxBatchSize, updateCost } from './batch-size.ts'

/** Measurement of one batch. */
export interface BatchMeasurement {
  /** Different calls in it. */
  readonly calls: number
  /** Milliseconds for all of them; null when the time says nothing about the cost of a call. */
  readonly ms: number | null
  /** Null when the batch shared nothing. */
  readonly sharing: Sharing | null
}

/** How many JSON texts a batch made for its calls to share, and in how many places of the answers they stand. */
export interface Sharing {
  readonly made: number
  readonly shown: number
}

/**
 * Sharing pays when it makes less than this part of the texts that the answers show: bookkeeping for one included page costs about a fifth
 * of making the page (bench/, branch).
 */
const MAX_MADE = 0.75
/** Where sharing did not pay, this many batches run without it before it is tried again. */
const BATCHES_UNSHARED = 64

/** Costs of statements, measured while they run. */
export interface StatementCosts {
  /** How many calls of a statement may run in one batch. */
  readonly batchSize: (statement: Statement) => number
  /** Whether calls of a statement should share the JSON that several answers contain. */
  readonly shares: (statement: Statement) => boolean
  /** Records the measurement of a batch. `connection`: the physical connection it ran on; null when that was lost. */
  readonly record: (statement: Statement, connection: object | null, measured: BatchMeasurement) => void
}

/** Starts without measurements. */
export function openStatementCosts(): StatementCosts {
  const costs = new WeakMap<Statement, CallCost>()
  /** Batches until sharing is tried again. */
  const unshared = new WeakMap<Statement, number>()
  // The first run on a connection includes planning time, which says nothing about the cost of a call. The two texts of a statement are
  // planned apart.
  const planned = { single: new WeakMap<object, WeakSet<Statement>>(), merged: new WeakMap<object, WeakSet<Statement>>() }

  function wasPlanned(statement: Statement, connection: object | null, text: keyof typeof planned): boolean {
    if (connection === null) return false
    const known = planned[text].get(connection) ?? new WeakSet()
    planned[text].set(connection, known)
    if (known.has(statement)) return true
    known.add(statement)
    return false
  }

  return {
    batchSize: (statement) => maxBatchSize(costs.get(statement)),
    shares: (statement) => (unshared.get(statement) ?? 0) === 0,
    record(statement, connection, { calls, ms, sharing }) {
      const left = unshared.get(statement) ?? 0
      if (sharing !== null && sharing.made > sharing.shown * MAX_MADE) unshared.set(statement, BATCHES_UNSHARED)
      else if (left > 0) unshared.set(statement, left - 1)
      if (wasPlanned(statement, connection, calls === 1 ? 'single' : 'merged') && ms !== null)
        costs.set(statement, updateCost(costs.get(statement), calls, ms))
    },
  }
}
