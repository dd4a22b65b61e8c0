/** Events that wait behind others: what looking for due ones costs, and that none waits for nothing. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../../src/base/sql/statement.ts'
import { GiveUp } from '../../src/services/events/delivery.ts'
import { discardLetters, retryLetters } from '../../src/services/events/letters.ts'
import { dueEvents, releaseAllRows, rowStates } from '../../src/services/events/waiting.ts'
import { type EngineWorld, INSERT, openEngineWorld as open } from './engine-world.ts'
import { until } from './events-world.ts'
import { rowsRead } from './rows-read.ts'

/** Runs work with a `run` that counts the rows that its statements look at. */
async function counting<T>(
  { executor }: EngineWorld,
  work: (run: Run) => Promise<T>,
): Promise<{ readonly rows: number; readonly result: T }> {
  let rows = 0
  const result = await work(async (statement, values) => {
    rows += await rowsRead(executor.run, statement as never, values)
    return executor.run(statement, values)
  })
  return { rows, result }
}

/** Rows `r1` to `r<rows>`, each with a first event that is tried again later and others behind it. */
async function block({ sql }: EngineWorld, rows: number, behind: number): Promise<void> {
  await sql(
    `insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, after, attempt, run_at)
     select 'test', g * 1000000 + v, 'Thing', 'updated', 'r' || g, v, now(), '{}', case when v = 1 then 1 else 0 end,
       case when v = 1 then now() + interval '1 hour' else 'infinity' end
     from generate_series(1, $1::bigint) g, generate_series(1, $2::bigint) v`,
    [rows, behind + 1],
  )
}

test('looking for due events costs nothing for 100,000 events behind others', async (t) => {
  const world = await open(t)
  await block(world, 100, 500)
  await block(
    {
      ...world,
      sql: (text, values) => world.sql(text.replace("'r' ||", "'s' ||").replace('g * 1000000', 'g * 1000000 + 500000000'), values),
    },
    1,
    50_000,
  )
  const none = await counting(world, dueEvents)
  assert.deepEqual([none.result.length, none.rows], [0, 0])
  await world.sql("update plinth.event_waiting set run_at = now() where row_id = 'r7' and version = 1")
  const one = await counting(world, dueEvents)
  assert.deepEqual(
    one.result.map(({ event }) => event.rowId),
    ['r7'],
  )
  assert.ok(one.rows <= 2, `it has read ${one.rows} rows`)
  const asked = ['r1', 's1', 'r1000'].map((rowId) => ({ reaction: 'test', entity: 'Thing', rowId }))
  const states = await counting(world, (run) => rowStates(run, asked))
  assert.deepEqual(
    states.result.map(({ isBlocked }) => isBlocked),
    [true, true, false],
  )
  assert.ok(states.rows <= 10, `the states of three rows have read ${states.rows} rows`)
})

test('events behind one that is delivered, given up, retried or discarded go on in order', async (t) => {
  const world = await open(t)
  const seen: string[] = []
  let isBroken = true
  world.start(
    async ({ event }) => {
      if (isBroken && event.version === '2') throw new GiveUp('broken')
      seen.push(`${JSON.parse(event.row).n} ${event.version}`)
    },
    { onDead: 'hold' },
  )
  await world.sql(INSERT, [2])
  for (let i = 0; i < 3; i++) await world.sql('update things set version = version + 1')
  await until('the held rows', async () => ((await world.sql('select 1 from plinth.event_waiting')).length === 6 ? true : null))
  assert.deepEqual([...seen].sort(), ['1 1', '2 1'])
  const held = await world.sql(
    `select event::text, row_id, (select n from things where id::text = row_id) as n from plinth.event_waiting where held`,
  )
  const eventOf = (n: number): string => String(held.find((row) => Number(row.n) === n)?.event)
  isBroken = false
  assert.equal(await retryLetters(world.executor.run, { events: [eventOf(1)], reaction: null }), 1)
  assert.equal(await discardLetters(world.executor.run, { events: [eventOf(2)], reaction: null }, ['test']), 1)
  await until('all others', async () => ((await world.sql('select 1 from plinth.event_waiting')).length === 0 ? true : null))
  const of = (n: number): readonly string[] => seen.filter((one) => one.startsWith(`${n} `))
  assert.deepEqual(
    [of(1), of(2)],
    [
      ['1 1', '1 2', '1 3', '1 4'],
      ['2 1', '2 3', '2 4'],
    ],
  )
})

test('a process that takes over releases rows that another one has left', async (t) => {
  const world = await open(t)
  await block(world, 1, 2)
  await world.sql('delete from plinth.event_waiting where version = 1')
  const seen: string[] = []
  world.start(async ({ event }) => void seen.push(event.version))
  await until('both', () => (seen.length === 2 ? true : null))
  assert.deepEqual(seen, ['2', '3'])
  await releaseAllRows(world.executor.run)
})

test('a process that another one has taken over from keeps no outcome of an event that waits', async (t) => {
  const world = await open(t)
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const engine = world.start(async () => {
    begun.resolve()
    await gate.promise
  })
  await world.sql(`insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, after)
    values ('test', 1, 'Thing', 'created', 'x', 1, now(), '{}')`)
  await begun.promise
  await world.sql(`update plinth.event_consumers set fence = fence + 1, holder = gen_random_uuid(), held_until = now() + interval '1 day'`)
  gate.resolve()
  await engine.stop()
  assert.deepEqual(await world.sql('select attempt from plinth.event_waiting where not dead'), [{ attempt: 0 }])
})

test('events that happen after a replay wait behind it, also when nothing waited before', async (t) => {
  const world = await open(t)
  const seen: string[] = []
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  world.start(async ({ event, replay }) => {
    seen.push(`${replay ? 'again' : 'first'} ${event.version}`)
    if (!replay) return
    begun.resolve()
    await gate.promise
  })
  await world.sql(INSERT, [1])
  await until('the first delivery', () => (seen.length === 1 ? true : null))
  const { replayEvents } = await import('../../src/services/events/letters.ts')
  const all = { reaction: 'test', entities: ['Thing'], happenings: ['created'], since: '2000-01-01', until: 'infinity' }
  assert.equal(await replayEvents(world.executor.run, all), 1)
  await world.sql('update things set version = 2')
  await begun.promise
  gate.resolve()
  await until('all', () => (seen.length === 3 ? true : null))
  assert.deepEqual(seen, ['first 1', 'again 1', 'first 2'])
})
