/** Emptying parts of the log. */

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Runner } from '../../src/base/sql/statement.ts'
import { runOn } from '../../src/commands/setup/run-on.ts'
import { LOG_PARTS } from '../../src/model/database.ts'
import { emptyOldPart } from '../../src/services/events/rotation.ts'
import { type EngineWorld, INSERT, openEngineWorld as open } from './engine-world.ts'
import { until } from './events-world.ts'

test('the part of the next day is emptied, unless it has events that must stay', async (t) => {
  const world = await open(t)
  const next = `((extract(epoch from now())::bigint / 86400 + 1) % ${LOG_PARTS})`
  const old = async (at: string): Promise<void> => {
    await world.sql(`insert into plinth.events (slot, id, entity, happening, row_id, version, at)
      select ${next}, nextval('plinth.event_numbers_id_seq'), 'Thing', 'created', 'x', 1, ${at}`)
  }
  const count = async (): Promise<unknown> => (await world.sql('select count(*)::int as n from plinth.events'))[0]?.n
  await old("now() - interval '8 days'")
  await world.sql("insert into plinth.event_consumers (name, seen) values ('reactions', '1:1:')")
  await emptyOldPart(world.executor)
  assert.equal(await count(), 1, 'not read yet')
  await world.sql('update plinth.event_consumers set seen = pg_current_snapshot()')
  await old("now() - interval '1 day'")
  await emptyOldPart(world.executor)
  assert.equal(await count(), 2, 'one is too young')
  await world.sql("delete from plinth.events where at > now() - interval '2 days'")
  // A transaction of another database on the server may still have been open.
  await until('an empty log', async () => {
    await world.sql('update plinth.event_consumers set seen = pg_current_snapshot()')
    await emptyOldPart(world.executor)
    return (await count()) === 0 ? true : null
  })
})

/** A clock that the test moves by days. Sessions with this path see it in place of that of the server. */
const CLOCK = `create schema shifted;
  create table shifted.clock (days int not null); insert into shifted.clock values (0);
  create function shifted.clock_timestamp() returns timestamptz language sql volatile as
    'select pg_catalog.clock_timestamp() + (select days from shifted.clock) * interval ''1 day''';
  create function shifted.now() returns timestamptz language sql stable as
    'select pg_catalog.now() + (select days from shifted.clock) * interval ''1 day''';
  alter table plinth.events alter column at set default shifted.now()`
const PATH = 'set search_path = shifted, pg_catalog, public'

test('nothing is lost while the clock goes through all parts, beside a writer and a transaction that is open for days', async (t) => {
  const world = await open(t)
  await world.sql(CLOCK)
  const delivered: string[] = []
  world.start(async ({ event }) => void delivered.push(event.rowId))
  const [writer, slow, rotating] = await Promise.all([world.connect(), world.connect(), world.connect()])
  for (const client of [writer, slow, rotating]) await client.query(PATH)
  const rotate = () => emptyOldPart(runnerOn(rotating))
  let isWriting = true
  const writing = (async () => {
    while (isWriting) {
      await writer.query(INSERT, [3])
      await sleep(5)
    }
  })()
  const parts = new Set<string>()
  let emptied = 0
  for (let day = 0; day <= 2 * LOG_PARTS + 2; day++) {
    await world.sql('update shifted.clock set days = $1', [day])
    if (day === 4) await slow.query('begin')
    if (day >= 4 && day <= 15) await slow.query(INSERT, [1])
    if (day === 15) await slow.query('commit')
    const written = delivered.length
    await until('events of the day', () => (delivered.length > written + 3 ? true : null))
    const before = await partsWithEvents(world)
    await until('a pass of the rotation', async () => {
      await rotate()
      const after = await partsWithEvents(world)
      if (after.size < before.size) emptied++
      // A part is emptied once its events were read and are old enough; a transaction that is open postpones this.
      return day < LOG_PARTS || (day >= 4 && day <= 16) || after.size <= LOG_PARTS - 1 ? true : null
    })
    for (const part of before) parts.add(part)
  }
  isWriting = false
  await writing
  const rows = await world.sql('select id::text from things')
  await until('all events', () => (delivered.length >= rows.length ? true : null))
  assert.deepEqual([...delivered].sort(), rows.map(({ id }) => String(id)).sort())
  assert.deepEqual([parts.size, emptied > 0], [LOG_PARTS, true])
})

test('a process that is killed while it empties a part leaves the part as it was, and another one empties it', async (t) => {
  const world = await open(t)
  const next = `((extract(epoch from now())::bigint / 86400 + 1) % ${LOG_PARTS})`
  await world.sql("insert into plinth.event_consumers (name, seen) values ('reactions', pg_current_snapshot())")
  await world.sql(`insert into plinth.events (slot, xid, id, entity, happening, row_id, version, at)
    select ${next}, '3', n, 'Thing', 'created', 'x', 1, now() - interval '8 days' from generate_series(1, 3) n`)
  const count = async (): Promise<unknown> => (await world.sql('select count(*)::int as n from plinth.events'))[0]?.n
  for (const statement of ['events.lock-part', 'events.empty-part']) {
    const child = fork(join(import.meta.dirname, 'killed-rotation.ts'), [world.databaseUrl, statement], {
      execArgv: ['--conditions=source'],
    })
    const [, signal] = await once(child, 'exit')
    assert.equal(signal, 'SIGKILL', statement)
    assert.equal(await count(), 3, statement)
  }
  await until('an empty part', async () => {
    await emptyOldPart(world.executor)
    return (await count()) === 0 ? true : null
  })
})

/** Runs statements on one connection, with its settings. */
function runnerOn(client: pg.Client): Parameters<typeof emptyOldPart>[0] {
  const run = runOn(client)
  return {
    run,
    async transaction(work) {
      await client.query('begin')
      try {
        const result = await work({ run } as Runner)
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    },
  }
}

async function partsWithEvents({ sql }: EngineWorld): Promise<ReadonlySet<string>> {
  return new Set((await sql('select distinct tableoid::regclass::text as part from plinth.events')).map(({ part }) => String(part)))
}
