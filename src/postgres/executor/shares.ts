/**
 * How many connections one caller, slow statements and heavy statements may hold. Without these limits one caller could take every
 * connection: with transactions, with calls that wait for a lock, or with filters that run into the time limit.
 */

import { lru } from '../../base/lru.ts'
import type { Statement } from '../../base/sql/statement.ts'
import type { QueuedCall, QueueKey } from './call-queue.ts'
import type { Client } from './client.ts'
import { isSlow, type RunningBatch, SLOW_MS } from './running-batch.ts'

/** Part of the connections that one caller may hold. */
const CALLER_PART = 0.3
/** Part of the connections that slow batches and transactions may hold; the rest stays for calls that are fast. */
const SLOW_PART = 0.6
/** Heavy statements that run at a time, all callers together. */
const HEAVY_CONNECTIONS = 1
/** Connections of a caller who has run a heavy statement. */
const HEAVY_CALLER_CONNECTIONS = 1
/** Milliseconds for which a heavy statement and its caller are remembered after they were last seen. */
const HEAVY_MS = 60_000
/** Callers that are remembered. */
const HEAVY_CALLERS = 10_000

/** Decides which queued calls may start now. Times are those of `performance.now()`. */
export interface Shares {
  /** Whether a task, or some call of a statement, may start now, as far as the batches that run decide it. */
  readonly mayStart: (key: QueueKey, batches: ReadonlyMap<unknown, RunningBatch>, now: number) => boolean
  /** Tells which calls may start now; undefined when all of them may. */
  readonly filter: (key: QueueKey, batches: ReadonlyMap<unknown, RunningBatch>, now: number) => ((call: QueuedCall) => boolean) | undefined
  /** Whether calls of the statement run one at a time because it was heavy lately. */
  readonly isHeavy: (statement: Statement, now: number) => boolean
  /** Remembers a statement that took half of its time limit or more, and its only caller. */
  readonly recordHeavy: (statement: Statement, caller: string | null, now: number) => void
}

/** Opens the shares of so many connections. */
export function openShares(connections: number): Shares {
  const perCaller = Math.ceil(connections * CALLER_PART)
  const slow = Math.ceil(connections * SLOW_PART)
  /** Until when they count as heavy. */
  const heavyStatements = new WeakMap<Statement, number>()
  const heavyCallers = lru<number>(HEAVY_CALLERS)

  const isHeavy = (statement: Statement, now: number) => (heavyStatements.get(statement) ?? 0) > now

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
      const rows = typeof key === 'function' ? undefined : slowRows(key, batches, now)
      // No caller can hold its part yet.
      if (rows === undefined && batches.size < (heavyCallers.size > 0 ? HEAVY_CALLER_CONNECTIONS : perCaller)) return undefined
      const full = new Map<string, boolean>()
      const isFull = ({ key: caller }: Client): boolean => {
        let known = full.get(caller)
        if (known === undefined) {
          known = hasAll(caller, batches, now)
          full.set(caller, known)
        }
        return known
      }
      const slot = typeof key === 'function' ? undefined : key.distinct
      return ({ client, values }) =>
        !(client !== undefined && isFull(client)) && !(rows !== undefined && slot !== undefined && rows.has(values[slot]))
    },
    recordHeavy(statement, caller, now) {
      heavyStatements.set(statement, now + HEAVY_MS)
      if (caller !== null) heavyCallers.set(caller, now + HEAVY_MS)
    },
  }
}

/**
 * The rows that slow batches of a statement write: they may be waiting for a lock, and another call for the same row would only wait too.
 */
function slowRows(statement: Statement, batches: ReadonlyMap<unknown, RunningBatch>, now: number): ReadonlySet<unknown> | undefined {
  if (statement.distinct === undefined) return undefined
  let rows: Set<unknown> | undefined
  for (const batch of batches.values()) {
    if (batch.statement !== statement || now - batch.since < SLOW_MS) continue
    rows ??= new Set()
    for (const row of batch.rows) rows.add(row)
  }
  return rows
}
