/**
 * A process that runs schedules until it is killed: `node schedule-process.ts URL MILLISECONDS SCHEDULES`, with schedules as JSON, by name:
 * `[cron, timeZone]`. Each run first writes a row of the table `runs`, which stays if the run is cut off, then takes some time, then writes
 * an entry.
 */

import pg from 'pg'
import { integer, text } from '../../src/index.ts'
import type { Model } from '../../src/model/model.ts'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { modelFrom } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { SHORT_TIMES } from './desk.ts'
import { MOVED_CLOCK } from './movable-clock.ts'

/** An expression and its time zone. */
export type CronOf = readonly [cron: string, timeZone: string]

// biome-ignore lint/suspicious/noExplicitAny: the context of this code has no types
type Work = (name: string) => (ctx: any) => Promise<void>

/** The design of the processes. */
export function clockModel(schedules: Readonly<Record<string, CronOf>>, work: Work = () => async () => {}): Model {
  return modelFrom({
    name: 'clock',
    entities: { Entry: { fields: { name: text(), due: text(), attempt: integer() }, access: { read: 'true' } } },
    schedules: Object.fromEntries(
      Object.entries(schedules).map(([name, [cron, timeZone]]) => [
        name,
        { cron, timeZone, missed: 'all', as: 'system', run: work(name), retry: { attempts: 100 } },
      ]),
    ),
  })
}

if (import.meta.main) {
  const [url = '', takesMs = '100', schedules = '{}'] = process.argv.slice(2)
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const model = clockModel(JSON.parse(schedules), (name) => async ({ job, db }) => {
    const due = job.dueAt.toISOString()
    await pool.query('insert into runs values ($1, $2, $3, $4)', [name, due, job.attempt, process.pid])
    await new Promise((resolve) => setTimeout(resolve, Number(takesMs)))
    await db.system.Entry.create({ name, due, attempt: job.attempt })
  })
  await openBackend({
    model,
    databaseUrl: url,
    keys: null,
    mode: 'production',
    publicUrl: 'http://localhost',
    rateLimits: NO_RATE_LIMITS,
    observe: () => {},
    patience: PATIENCE,
    scheduleClock: MOVED_CLOCK,
    workerTimes: { ...SHORT_TIMES, lookMs: 100 },
  })
  process.stdout.write('ready\n')
}
