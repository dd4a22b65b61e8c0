/**
 * Limits how many connections one caller, slow statements and heavy statements may hold. Without these limits one caller could take all
 * connections: with transactions, with calls that wait for a lock, or with filters that run until the timeout.
 */

import { lru } from '../../base/lru.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { type TextSet, textSet } from '../../base/texts/text-hash.ts'
import { type QueuedCall, type QueueKey, rowsWritten } from './call-queue.ts'
import type { Client } from './client.ts'
import { isSlow, type RunningBatch, SLOW_MS } from './running-batch.ts'

/** Part of the connections that one caller may hold. */
const CALLER_PART = 0.3
/** Part of the connections that slow batches and transactions may hold. The rest is for fast calls. */
const SLOW_PART = 0.6
/** The number of heavy statements of all callers that may run at a time. */
const HEAVY_CONNECTIONS = 1
/** The number of connections that a caller who has run a heavy statement may hold. */
const HEAVY_CALLER_CONNECTIONS = 1
/** Milliseconds for which a heavy statement and its caller are remembered after the last run. */
const HEAVY_MS = 60_000
/** The maximum number of remembered callers. */
const HEAVY_CALLERS = 10_000

/** Decides which queued calls may start now. Times are those of `performance.now()`. */
export interface Shares {
  /** Whether the running batches allow a task, or some call of a statement, to start now. */
  readonly mayStart: (key: QueueKey, batches: ReadonlyMap<unknown, RunningBatch>, now: number) => boolean
  /** Returns a test of which calls may start now; undefined when all may start. */
  readonly filter: (key: QueueKey, batches: ReadonlyMap<unknown, RunningBatch>, now: number) => ((call: QueuedCall) => boolean) | undefined
  /** Whether calls of the statement run one at a time because it was heavy lately. */
  readonly isHeavy: (statement: Statement<unknown>, now: number) => boolean
  /** Remembers a statement that took at least half of its timeout, and its caller if it had only one. */
  readonly recordHeavy: (statement: Statement<unknown>, caller: string | null, now: number) => void
}

/** Makes the shares for a number of connections. */
export function openShares(connections: number): Shares {
  const perCaller = Math.ceil(connections * CALLER_PART)
  const slow = Math.ceil(connections * SLOW_PART)
  /** The end of the time in which statements and callers count as heavy. */
  const heavyStatements = new WeakMap<Statement<unknown>, number>()
  const heavyCallers = lru<number>(HEAVY_CALLERS)

  const isHeavy = (statement: Statement<unknown>, now: number) => (heavyStatements.get(statement) ?? 0) > now

  function shareOf(caller: string, now: number): number {
    return (heavyCallers.get(caller) ?? 0) > now ? Math.min(HEAVY_CALLER_CONNECTIONS, perCaller) : perCaller
  }

  /** Whether the caller holds all connections that it may hold. */
  function hasAll(caller: string, batches: ReadonlyMap<unknown, RunningBatch>, now: number): boolean {
    let held = 0
    for (const batch of batches.values()) if (batch.caller === caller) held++
    return held >= shareOf(caller, now)
  }

  return {
    isHeavy,
    mayStart(key, batches, now) {
      if (batches.size === 0) return true
      if (typeof key !== 'function' && isHeavy(key, now)) {
        let running = 0
        for (const { statement } of batches.values()) if (statement !== null && isHeavy(statement, now)) running++
        if (running >= HEAVY_CONNECTIONS) return false
      }
      if (batches.size < slow) return true
      let held = 0
      for (const { since, statement } of batches.values()) if (statement === null || now - since >= SLOW_MS) held++
      return held < slow || (typeof key !== 'function' && !isSlow(batches.values(), key, now))
    },
    filter(key, batches, now) {
      const rows = typeof key === 'function' ? undefined : runningRows(key, batches)
      const isRunning = ({ values }: QueuedCall): boolean =>
        rows !== undefined && typeof key !== 'function' && rowsWritten(key, values).some(rows.has)
      // With so few batches, no caller can have reached its part.
      if (batches.size < (heavyCallers.size > 0 ? HEAVY_CALLER_CONNECTIONS : perCaller))
        return rows === undefined ? undefined : (call) => !isRunning(call)
      const full = new Map<string, boolean>()
      const isFull = ({ key: caller }: Client): boolean => {
        let known = full.get(caller)
        if (known === undefined) {
          known = hasAll(caller, batches, now)
          full.set(caller, known)
        }
        return known
      }
      return (call) => !(call.client !== undefined && isFull(call.client)) && !isRunning(call)
    },
    recordHeavy(statement, caller, now) {
      heavyStatements.set(statement, now + HEAVY_MS)
      if (caller !== null) heavyCallers.set(caller, now + HEAVY_MS)
    },
  }
}

/**
 * The rows that running batches of a statement write. Another call for the same row would only wait for their lock, and it would take the
 * place of a call that can run.
 */
function runningRows(statement: Statement<unknown>, batches: ReadonlyMap<unknown, RunningBatch>): TextSet | undefined {
  if (statement.distinct === undefined) return undefined
  let count = 0
  for (const batch of batches.values()) if (batch.statement === statement) count += batch.rows.length
  if (count === 0) return undefined
  const rows = textSet(count)
  for (const batch of batches.values()) if (batch.statement === statement) batch.rows.forEach(rows.add)
  return rows
}
