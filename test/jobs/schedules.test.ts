import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { sql } from '../../src/base/sql/sql.ts'
import { scheduleInputSql } from '../../src/compile/actions/later-steps.ts'
import { integer, text, timestamp } from '../../src/index.ts'
import type { Model } from '../../src/model/model.ts'
import { type Executor, openExecutor } from '../../src/postgres/executor/execute.ts'
import { duesOf, openLooks } from '../../src/services/jobs/scheduler.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { migratedDatabase } from '../support/database.ts'
import { PATIENCE } from '../support/patience.ts'
import { SHORT_TIMES, until } from './desk.ts'
import { MOVED_CLOCK, movableClock } from './movable-clock.ts'

function modelWith(schedules: object): Model {
  return modelFrom({
    name: 'clock',
    entities: {
      Counter: {
        fields: { n: integer({ default: 0 }), note: text({ optional: true }), at: timestamp({ optional: true }) },
        access: { read: 'true' },
      },
    },
    actions: {
      tick: { as: 'system', allow: 'false', steps: [{ create: 'Counter' }] },
      note: {
        as: 'system',
        allow: 'false',
        input: { n: 'integer', note: 'text', at: 'timestamp', more: 'text?' },
        steps: [{ create: 'Counter', set: { n: 'input.n', note: 'input.note', at: 'input.at' } }],
      },
    },
    schedules,
  })
}

interface Cluster {
  readonly executors: readonly Executor[]
  /** Moves PostgreSQL's clock of this database. */
  readonly move: (to: string) => Promise<void>
  readonly query: (text: string) => Promise<readonly Record<string, unknown>[]>
  /** The function that looks once at the schedules, as a process with this design does. */
  readonly processOf: (model: Model, instance?: number) => () => Promise<number>
  /** The times of the runs that were added since the last call. */
  readonly runs: () => Promise<readonly string[]>
}

/** The connections of three instances on one database. */
async function openCluster(t: TestContext, model: Model): Promise<Cluster> {
  const database = await migratedDatabase(model)
  const clock = await movableClock(database.url)
  const executors = [0, 1, 2].map(() => openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE }))
  t.after(async () => {
    await Promise.all(executors.map((one) => one.close()))
    await clock.close()
    await database.drop()
  })
  return {
    executors,
    ...clock,
    processOf(of, instance = 0) {
      const { run } = executors[instance] ?? assert.fail()
      const inputOf = (schedule: Model['schedules'][number]) => scheduleInputSql(of, schedule, sql`d.at`)
      return openLooks({ run, schedules: of.schedules, inputOf, clock: MOVED_CLOCK, lookMs: 30_000, observe: () => {}, onAdded: () => {} })
    },
    async runs() {
      const rows = await clock.query(`with gone as (delete from plinth.jobs returning *)
        select to_char(due_at at time zone 'UTC', 'DD HH24:MI') as at from gone order by due_at, id`)
      return rows.map(({ at }) => String(at))
    },
  }
}

const MINUTE_MS = 60_000

/** The times of the runs of three instances, whose clock is moved by half hours from midnight to four o'clock UTC of each day. */
async function runsBetween(t: TestContext, model: Model, days: readonly string[]): Promise<readonly string[]> {
  const cluster = await openCluster(t, model)
  const looks = [0, 1, 2].map((instance) => cluster.processOf(model, instance))
  for (const day of days)
    for (let half = 0; half <= 8; half++) {
      await cluster.move(new Date(Date.parse(day) + half * 30 * MINUTE_MS + 1_000).toISOString())
      await Promise.all(looks.map((look) => look()))
    }
  return cluster.runs()
}

test('a nightly schedule runs once each night when summer time begins and ends, also at times that are skipped or repeated', async (t) => {
  const nightly = modelWith({ nightly: { cron: '30 2 * * *', timeZone: 'Europe/Berlin', call: 'tick', missed: 'all' } })
  // 29 March 2026: 02:00 becomes 03:00. 02:30 does not exist; its run is at 03:00, which is 01:00 UTC.
  assert.deepEqual(await runsBetween(t, nightly, ['2026-03-28', '2026-03-29', '2026-03-30']), ['28 01:30', '29 01:00', '30 00:30'])
  // 25 October 2026: 03:00 becomes 02:00. 02:30 is twice; its run is the first one, 00:30 UTC.
  assert.deepEqual(await runsBetween(t, nightly, ['2026-10-24', '2026-10-25', '2026-10-26']), ['24 00:30', '25 00:30', '26 01:30'])
})

test('a schedule of every half hour goes on through the change', async (t) => {
  const model = modelWith({ nightly: { cron: '*/30 2-3 * * *', timeZone: 'Europe/Berlin', call: 'tick', missed: 'all' } })
  assert.deepEqual(await runsBetween(t, model, ['2026-10-25']), ['25 00:30', '25 01:00', '25 01:30', '25 02:00', '25 02:30'])
})

test('missed times are run once, not at all, or each', () => {
  const times = { cron: '0 * * * *', timeZone: 'UTC' }
  const due = { plannedMs: Date.parse('2026-05-01T00:00:00Z'), nowMs: Date.parse('2026-05-01T03:00:20Z') }
  const hours = (missed: 'once' | 'skip' | 'all') => duesOf(times, due, missed).map((ms) => new Date(ms).getUTCHours())
  assert.deepEqual(hours('once'), [0])
  assert.deepEqual(hours('skip'), [3])
  assert.deepEqual(hours('all'), [0, 1, 2, 3])
  assert.deepEqual(duesOf(times, { ...due, nowMs: due.nowMs + 10 * MINUTE_MS }, 'skip'), [])
  assert.equal(duesOf({ cron: '* * * * *', timeZone: 'UTC' }, { ...due, nowMs: due.nowMs + 600 * MINUTE_MS }, 'all').length, 100)
})

test('while two versions run, the younger times of a schedule hold, and nothing of either version is lost', async (t) => {
  const old = modelWith({ nightly: { cron: '0 3 * * *', call: 'tick' }, weekly: { cron: '0 5 * * *', call: 'tick' } })
  const young = modelWith({ nightly: { cron: '0 4 * * *', call: 'tick' }, daily: { cron: '0 6 * * *', call: 'tick' } })
  const { move, processOf, runs } = await openCluster(t, old)
  const [first, second] = [processOf(old, 0), processOf(young, 1)]
  await move('2026-05-01T12:00:00Z')
  await first()
  await second()
  for (const hour of [3, 4, 5, 6]) {
    await move(`2026-05-02T0${hour - 1}:59:30Z`)
    await second()
    await move(`2026-05-02T0${hour}:00:01Z`)
    // The old version starts again while the new one runs, and looks first.
    await processOf(old, 2)()
    await second()
    if (hour === 3) assert.deepEqual(await runs(), [], 'the older time of nightly does not hold any more')
  }
  assert.deepEqual(await runs(), ['02 04:00', '02 05:00', '02 06:00'], 'nightly once, weekly of the old version, daily of the new one')

  // The old version alone is left: a minute and a half later its times hold again, from the next one on.
  for (const at of ['02T12:00:00', '02T12:01:00', '02T12:02:00', '03T03:00:01', '03T04:00:01']) {
    await move(`2026-05-${at}Z`)
    await first()
  }
  assert.deepEqual(await runs(), ['03 03:00'])
  // No process of the old version is left: the new one begins with its next time.
  await move('2026-05-03T12:00:00Z')
  await second()
  await move('2026-05-04T04:00:01Z')
  await second()
  assert.deepEqual(await runs(), ['03 06:00', '04 04:00'], 'daily was missed, and nightly had other times')
})

test('times at which no process ran are made up for after any time, and a schedule of another version is forgotten after a day', async (t) => {
  const old = modelWith({ nightly: { cron: '0 3 * * *', call: 'tick' }, weekly: { cron: '0 5 * * *', call: 'tick' } })
  const young = modelWith({ nightly: { cron: '0 3 * * *', call: 'tick' } })
  const { move, processOf, runs, query } = await openCluster(t, old)
  await move('2026-05-01T12:00:00Z')
  await processOf(old)()
  await move('2026-05-09T12:00:00Z')
  await processOf(young)()
  assert.deepEqual(await runs(), ['02 03:00'], 'one run for all missed times')
  assert.deepEqual(await query('select name from plinth.schedule_times'), [{ name: 'nightly' }])
})

test('a schedule gives inputs to its action: constants, and the time of the run', async (t) => {
  const input = { n: 3, note: '"night of " + "work"', at: 'dueAt - duration("1h")' }
  const model = modelWith({ nightly: { cron: '0 3 * * *', call: 'note', input, missed: 'all' } })
  const { move, processOf, query } = await openCluster(t, model)
  await move('2026-05-01T12:00:00Z')
  await processOf(model)()
  await move('2026-05-03T03:00:01Z')
  await processOf(model)()
  const payloads = await query('select payload::json as input from plinth.jobs order by due_at')
  assert.deepEqual(
    payloads.map(({ input }) => input),
    [
      { n: 3, note: 'night of work', at: '2026-05-02T02:00:00.000Z' },
      { n: 3, note: 'night of work', at: '2026-05-03T02:00:00.000Z' },
    ],
  )
})

test('the action of a schedule runs with its input, though its allow is false', async (t) => {
  const model = modelWith({ nightly: { cron: '* * * * *', call: 'note', input: { n: 1, note: '"x"', at: 'dueAt' } } })
  const backend = await testBackend(t, model, { workerTimes: { ...SHORT_TIMES, lookMs: 50 } })
  await until(async () => ((await backend.sql('select 1 from plinth.schedule_times')).length === 1 ? true : null))
  await backend.sql("update plinth.schedule_times set next_at = date_trunc('milliseconds', next_at - interval '1 hour')")
  const [row] = await until(async () => {
    const rows = await backend.sql('select n, note from counters')
    return rows.length > 0 ? rows : null
  })
  assert.deepEqual(row, { n: '1', note: 'x' })
})
