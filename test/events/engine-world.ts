/** A database with a log of events, and engines that run one reaction to everything. */

import type { TestContext } from 'node:test'
import pg from 'pg'
import { type Executor, openExecutor } from '../../src/postgres/executor/execute.ts'
import { ENGINE_SETTINGS } from '../../src/server/run/engine-settings.ts'
import type { Delivery, EventReaction } from '../../src/services/events/delivery.ts'
import { type Engine, startEngine } from '../../src/services/events/engine.ts'
import { LEASE_MS } from '../../src/services/events/leadership.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const MODEL = modelFrom({
  name: 'logged',
  on: {
    'Thing.created': [{ run: () => {}, as: 'system' }],
    'Thing.updated': [{ run: () => {}, as: 'system' }],
  },
  entities: { Thing: { fields: { n: { type: 'integer' } }, access: OPEN } },
})

/** A world of these tests. */
export interface EngineWorld extends TestBackend {
  readonly executor: Executor
  /** Starts an engine that runs one reaction to everything. */
  start(perform: (delivery: Delivery) => Promise<void>, more?: Partial<EventReaction>): Engine
  /** A connection of its own, for transactions that stay open. The database ends it. */
  connect(): Promise<pg.Client>
}

/** A database with a log, and no engine. */
export async function openEngineWorld(t: TestContext): Promise<EngineWorld> {
  const world = await testBackend(t, MODEL, { work: 'elsewhere' })
  const url = world.databaseUrl
  const executor = openExecutor({
    url,
    connections: 4,
    statementTimeoutMs: 30_000,
    patience: PATIENCE,
    merge: false,
    settings: ENGINE_SETTINGS,
  })
  const engines: Engine[] = []
  t.after(async () => {
    for (const engine of engines) await engine.stop()
    await executor.close()
  })
  return {
    ...world,
    executor,
    start(perform, more = {}) {
      const engine = startEngine({
        runner: executor,
        reactions: [{ name: 'test', onDead: 'continue', takes: () => true, perform, ...more }],
        concurrency: 4,
        leaseMs: LEASE_MS,
        random: () => 0,
        clock: () => performance.now(),
        observe: () => {},
      })
      engines.push(engine)
      return engine
    },
    async connect() {
      const client = new pg.Client({ connectionString: url })
      client.on('error', () => {})
      await client.connect()
      return client
    },
  }
}

/** Inserts rows with `n` from 1 to `$1`. */
export const INSERT =
  'insert into things (id, n, created_at, updated_at, version) select gen_random_uuid(), n, now(), now(), 1 from generate_series(1, $1::int) n'
