/** Tells which statements are slow, with their plans. */

import { lru } from '../base/lru.ts'
import { withClient } from './connect.ts'

/** A statement that took long. */
export interface SlowStatement {
  /** Such as `list Post`. */
  readonly statement: string
  readonly durationMs: number
  /** How many calls it answered. */
  readonly calls: number
  /** The generic plan as PostgreSQL prints it, without values; null where there is none: before PostgreSQL 16, or without a connection. */
  readonly plan: string | null
}

/** What is slow, and who is told. */
export interface SlowOptions {
  readonly url: string
  readonly slowMs: number
  readonly report: (slow: SlowStatement) => void
}

/** Called with each statement that has run: its name, its text for one call, its time, and how many calls it answered. */
export type OnRun = (name: string, text: () => string, durationMs: number, calls: number) => void

/** The same statement is told once in this time. */
const QUIET_MS = 60_000
const MOST_STATEMENTS = 1_000

/** Watches statements. Plans are asked for over a connection of their own, after the statement has ended. */
export function watchSlowStatements({ url, slowMs, report }: SlowOptions): OnRun {
  const told = lru<number>(MOST_STATEMENTS)
  return (name, text, durationMs, calls) => {
    if (durationMs < slowMs) return
    const now = performance.now()
    if (now - (told.get(name) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
    told.set(name, now)
    void planOf(url, text()).then((plan) => report({ statement: name, durationMs: Math.round(durationMs), calls, plan }))
  }
}

/** The plan of a statement with parameters, as text; null if it cannot be got. Nothing is executed. */
async function planOf(url: string, text: string): Promise<string | null> {
  try {
    const { rows } = await withClient(url, (client) => client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${text}`))
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  } catch {
    return null
  }
}
