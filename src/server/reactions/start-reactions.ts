/** Runs the reactions of a backend in this process. */

import type { OnStatement } from '../../postgres/executor/batch.ts'
import { openExecutor } from '../../postgres/executor/execute.ts'
import { openNotices } from '../../postgres/notices.ts'
import { type Engine, startEngine } from '../../services/events/engine.ts'
import { LEASE_MS } from '../../services/events/leadership.ts'
import type { EventsObservation } from '../../services/events/observation.ts'
import { watchReader } from '../../services/events/watch-reader.ts'
import { explained } from '../run/database-failure.ts'
import { ENGINE_SETTINGS } from '../run/engine-settings.ts'
import type { Stack } from '../run/stack.ts'
import { reactionsOf } from './reactions.ts'

/** What running reactions needs. */
export interface ReactionOptions {
  readonly databaseUrl: string
  readonly patience: number
  /** Milliseconds after which another process takes over; 10,000 unless given. */
  readonly leaseMs: number | undefined
  readonly observe: (observation: EventsObservation) => void
  readonly onStatement?: OnStatement
}

/** Connections of the engine, beside those for requests: one for what it reads, one for the lease meanwhile. */
export const ENGINE_CONNECTIONS = 2

/** How many reactions run at the same time. Their statements use the connections for requests. */
const CONCURRENCY = 8

/** Milliseconds for a statement of the engine. */
const STATEMENT_MS = 30_000

/** What reads the log, as the rest of the process sees it. */
export type Reacting = Pick<Engine, 'wake' | 'stop'>

/**
 * Tells the process that reads the log of writes of this one, which runs no reactions itself. Observes it if there is no such process.
 *
 * @returns `wake`, to call after a commit.
 */
export function tellReactions({ executor }: Stack, { databaseUrl, observe }: Pick<ReactionOptions, 'databaseUrl' | 'observe'>): Reacting {
  const notices = openNotices(databaseUrl, 'plinth_events', () => {})
  const unwatch = watchReader(executor.run, observe)
  return {
    wake: notices.send,
    async stop() {
      unwatch()
      await notices.close()
    },
  }
}

/** Starts the reactions of the stack's model. `stop` also closes the connections. */
export function startReactions(stack: Stack, options: ReactionOptions): Reacting {
  const executor = openExecutor({
    url: options.databaseUrl,
    connections: ENGINE_CONNECTIONS,
    statementTimeoutMs: STATEMENT_MS,
    merge: false,
    patience: options.patience,
    settings: ENGINE_SETTINGS,
    ...(options.onStatement === undefined ? {} : { onStatement: options.onStatement }),
  })
  const engine = startEngine({
    runner: { run: explained(executor.run), transaction: executor.transaction },
    reactions: reactionsOf(stack),
    concurrency: CONCURRENCY,
    leaseMs: options.leaseMs ?? LEASE_MS,
    random: Math.random,
    clock: () => performance.now(),
    observe: options.observe,
  })
  const notices = openNotices(options.databaseUrl, 'plinth_events', () => {
    if (engine.leads()) engine.wake()
  })
  return {
    wake: () => (engine.leads() ? engine.wake() : notices.send()),
    async stop() {
      await engine.stop()
      await notices.close()
      await executor.close()
    },
  }
}
