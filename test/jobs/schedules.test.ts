import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { integer } from '../../src/index.ts'
import type { Schedule } from '../../src/model/job.ts'
import type { Model } from '../../src/model/model.ts'
import { type Executor, openExecutor } from '../../src/postgres/executor/execute.ts'
import { duesOf, startScheduler, takeTime } from '../../src/services/jobs/scheduler.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { migratedDatabase } from '../support/database.ts'
import { PATIENCE } from '../support/patience.ts'
import { SHORT_TIMES, until } from './desk.ts'

function modelWith(schedules: object): Model {
  return modelFrom({
    name: 'clock',
    entities: {
      Counter: { fields: { n: integer({ default: 0 }) }, access: { read: 'true' } },
    },
    actions: { tick: { as: 'system', allow: 'false', steps: [{ create: 'Counter' }] } },
    schedules,
  })
}

/** Executors of three instances on one database, with the table of schedules. */
async function instances(t: TestContext, model: Model): Promise<readonly Executor[]> {
  const database = await migratedDatabase(model)
  const executors = [0, 1, 2].map(() => openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE }))
  t.after(async () => {
    await Promise.all(executors.map((one) => one.close()))
    await database.drop()
  })
  return executors
}

function scheduleOf(model: Model, name: string): Schedule {
  return model.schedules.find((one) => one.name === name) ?? assert.fail(`no schedule ${name}`)
}

const MINUTE_MS = 60_000

/**
 * Three instances look at the clock every minute from `from` to `to`; returns the times of the runs that were added. The clock of the test
 * only moves through days that are past for PostgreSQL.
 */
async function runsBetween(t: TestContext, model: Model, from: string, to: string): Promise<readonly string[]> {
  const executors = await instances(t, model)
  const [first] = executors
  assert.ok(first !== undefined)
  const schedule = scheduleOf(model, 'nightly')
  const query = async (text: string): Promise<readonly (readonly (string | null)[])[]> => {
    const { sql } = await import('../../src/base/sql/sql.ts')
    return first.run({ name: 'test', sql: sql([text] as unknown as TemplateStringsArray) }, {})
  }
  const { nextTime } = await import('../../src/design/behaviour/cron.ts')
  const start = nextTime(schedule, Date.parse(from))
  await query(`insert into plinth.schedules (name, cron, time_zone, next_at)
    values ('nightly', '${schedule.cron}', '${schedule.timeZone}', '${new Date(start ?? 0).toISOString()}')`)
  let planned = start
  for (let nowMs = Date.parse(from); nowMs <= Date.parse(to); nowMs += MINUTE_MS) {
    if (planned === null || planned > nowMs) continue
    const due = { plannedMs: planned, nowMs }
    const options = { schedules: model.schedules, observe: () => {}, onAdded: () => {} }
    const next = await Promise.all(executors.map(({ run }) => takeTime({ ...options, run }, schedule, due)))
    planned = next[0] ?? null
  }
  const rows = await query(`select to_char(due_at at time zone 'UTC', 'DD HH24:MI') from plinth.jobs order by due_at, id`)
  return rows.map(([at]) => at ?? '')
}

test('a nightly schedule runs once each night when summer time begins and ends, also at times that are skipped or repeated', async (t) => {
  const nightly = (cron: string) => modelWith({ nightly: { cron, timeZone: 'Europe/Berlin', call: 'tick', missed: 'all' } })
  // 29 March 2026: 02:00 becomes 03:00. 02:30 does not exist; its run is at 03:00, which is 01:00 UTC.
  assert.deepEqual(await runsBetween(t, nightly('30 2 * * *'), '2026-03-28T00:00:00Z', '2026-03-30T23:00:00Z'), [
    '28 01:30',
    '29 01:00',
    '30 00:30',
  ])
  // 25 October 2026: 03:00 becomes 02:00. 02:30 is twice; its run is the first one, 00:30 UTC.
  assert.deepEqual(await runsBetween(t, nightly('30 2 * * *'), '2026-10-24T00:00:00Z', '2026-10-26T23:00:00Z'), [
    '24 00:30',
    '25 00:30',
    '26 01:30',
  ])
})

test('a schedule of every half hour goes on through the change', async (t) => {
  const model = modelWith({ nightly: { cron: '*/30 * * * *', timeZone: 'Europe/Berlin', call: 'tick', missed: 'all' } })
  assert.deepEqual(await runsBetween(t, model, '2026-10-24T23:40:00Z', '2026-10-25T02:10:00Z'), [
    '25 00:00',
    '25 00:30',
    '25 01:00',
    '25 01:30',
    '25 02:00',
  ])
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

test('three schedulers with one database add the run of a time once, and a changed expression replaces the next time', async (t) => {
  const model = modelWith({ nightly: { cron: '0 3 * * *', call: 'tick' } })
  const backend = await testBackend(t, model, { work: 'elsewhere' })
  const taken: number[] = []
  const executors = [0, 1, 2].map(() =>
    openExecutor({ url: backend.databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE }),
  )
  const options = { schedules: model.schedules, onAdded: () => {} }
  const observe = (one: { readonly kind: string }): void => {
    if (one.kind === 'scheduled') taken.push(1)
  }
  await backend.sql(
    `insert into plinth.schedules (name, cron, time_zone, next_at) values ('nightly', '0 3 * * *', 'UTC', now() - interval '1 hour')`,
  )
  const schedulers = executors.map(({ run }) => startScheduler({ ...options, run, observe }))
  await until(() => (taken.length > 0 ? true : null))
  await Promise.all(schedulers.map((one) => one.stop()))
  assert.equal(taken.length, 1)
  assert.equal((await backend.sql('select 1 from plinth.jobs')).length, 1)

  const [first] = executors
  const changed = modelWith({ nightly: { cron: '0 4 * * *', call: 'tick' } })
  const scheduler = startScheduler({ ...options, schedules: changed.schedules, run: first?.run ?? assert.fail(), observe })
  await until(async () => ((await backend.sql("select 1 from plinth.schedules where cron = '0 4 * * *'")).length === 1 ? true : null))
  await scheduler.stop()
  const [row] = await backend.sql("select to_char(next_at at time zone 'UTC', 'HH24:MI') as at from plinth.schedules")
  assert.equal(row?.at, '04:00')
  await Promise.all(executors.map((one) => one.close()))
})

test('the action of a schedule runs, though its allow is false', async (t) => {
  const model = modelWith({ nightly: { cron: '0 3 * * *', call: 'tick' } })
  const backend = await testBackend(t, model, { workerTimes: SHORT_TIMES })
  await until(async () => ((await backend.sql('select 1 from plinth.schedules')).length === 1 ? true : null))
  await backend.sql("insert into plinth.jobs (kind, payload, unique_key) values ('schedule:nightly', '{}', '')")
  await until(async () => ((await backend.sql('select 1 from counters')).length === 1 ? true : null))
})
