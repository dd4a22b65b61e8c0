/** The measured costs of statements. */

import type { Statement } from '../../base/sql/statement.ts'
import { type CallCost, maxBatchSize, updateCost } from './batch-size.ts'

/** Measurement of one batch. */
export interface BatchMeasurement {
  /** The number of different calls. */
  readonly calls: number
  /** Milliseconds for the whole batch; null when the time does not show the cost of a call. */
  readonly ms: number | null
  /** Null when the batch shared nothing. */
  readonly sharing: Sharing | null
}

/** The number of JSON texts that a batch made once, and the number of places where its answers contain them. */
export interface Sharing {
  readonly made: number
  readonly shown: number
}

/**
 * Sharing is worthwhile when a batch makes less than this part of the texts that its answers contain. The overhead for one included page is
 * about a fifth of the cost of the page (bench/, branch).
 */
const MAX_MADE = 0.75
/** After sharing was not worthwhile, this many batches run without it before it is tried again. */
const BATCHES_UNSHARED = 64

/** Costs of statements, measured while they run. */
export interface StatementCosts {
  /** How many calls of a statement may run in one batch. */
  readonly batchSize: (statement: Statement<unknown>) => number
  /** Whether calls of a statement should share the JSON that several answers contain. */
  readonly shares: (statement: Statement<unknown>) => boolean
  /** Records the measurement of a batch. `connection`: the physical connection that ran it; null when it was lost. */
  readonly record: (statement: Statement<unknown>, connection: object | null, measured: BatchMeasurement) => void
}

/** Starts without measurements. */
export function openStatementCosts(): StatementCosts {
  const costs = new WeakMap<Statement<unknown>, CallCost>()
  /** Batches until sharing is tried again. */
  const unshared = new WeakMap<Statement<unknown>, number>()
  // The first run on a connection includes the time of planning, so it is not measured. The two texts of a statement are planned
  // separately.
  const planned = { single: new WeakMap<object, WeakSet<Statement<unknown>>>(), merged: new WeakMap<object, WeakSet<Statement<unknown>>>() }

  function wasPlanned(statement: Statement<unknown>, connection: object | null, text: keyof typeof planned): boolean {
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
