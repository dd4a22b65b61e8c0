/** The engine of events: attempts, order, dead letters, and taking over. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GiveUp } from '../../src/services/events/delivery.ts'
import { discardLetters } from '../../src/services/events/letters.ts'
import { pauseAfter } from '../../src/services/events/pauses.ts'
import { INSERT, openEngineWorld as open } from './engine-world.ts'
import { until } from './events-world.ts'

test('an event that fails is tried again with the same id, and the later events of its row wait', async (t) => {
  const world = await open(t)
  const seen: string[] = []
  let failures = 1
  world.start(async ({ event, attempt }) => {
    seen.push(`${event.happening} ${event.id} ${attempt}`)
    if (event.happening === 'created' && failures-- > 0) throw new Error('not now')
  })
  await world.sql(INSERT, [1])
  await world.sql('update things set n = n + 1, version = version + 1')
  await until('both events', () => (seen.length >= 3 ? true : null))
  const [created, again, updated] = seen
  const id = created?.split(' ')[1]
  assert.deepEqual([created, again], [`created ${id} 1`, `created ${id} 2`])
  assert.match(String(updated), /^updated \d+ 1$/)
  await until('an empty table', async () => ((await world.sql('select 1 from plinth.event_waiting')).length === 0 ? true : null))
})

test('a failing row holds up no other row', async (t) => {
  const world = await open(t)
  const done: string[] = []
  world.start(async ({ event }) => {
    if (JSON.parse(event.row).n === 1) throw new Error('never')
    done.push(event.rowId)
  })
  await world.sql(INSERT, [3])
  await until('the other rows', () => (done.length === 2 ? true : null))
})

test('a reaction that takes long holds up its row alone, and runs once', async (t) => {
  const world = await open(t)
  const slow = Promise.withResolvers<void>()
  const seen: string[] = []
  world.start(async ({ event }) => {
    const { n } = JSON.parse(event.row)
    seen.push(`${event.happening} ${n}`)
    if (n === 1) await slow.promise
  })
  await world.sql(INSERT, [1])
  await until('the slow one', () => (seen.length === 1 ? true : null))
  await world.sql('update things set n = 2, version = version + 1')
  await world.sql('insert into things (id, n, created_at, updated_at, version) values (gen_random_uuid(), 3, now(), now(), 1)')
  await until('the other row', () => (seen.includes('created 3') ? true : null))
  assert.deepEqual(seen, ['created 1', 'created 3'])
  slow.resolve()
  await until('the update', () => (seen.length === 3 ? true : null))
  assert.equal(seen[2], 'updated 2')
  await until('an empty table', async () => ((await world.sql('select 1 from plinth.event_waiting')).length === 0 ? true : null))
})

test('after ten attempts an event is a dead letter, and the row goes on with a mark', async (t) => {
  const world = await open(t)
  const seen: (readonly [string, number, boolean])[] = []
  world.start(async ({ event, attempt, afterGap }) => {
    seen.push([event.happening, attempt, afterGap])
    if (event.happening === 'created') throw new Error('never')
  })
  await world.sql(INSERT, [1])
  await world.sql('update things set n = n + 1, version = version + 1')
  await until('the first attempt', async () => ((await world.sql('select 1 from plinth.event_waiting')).length === 2 ? true : null))
  // The other attempts are brought forward, while none runs: the last one would come after 24 hours.
  const bring = "update plinth.event_waiting set attempt = 9, run_at = now() where happening = 'created' and begun = 0 returning 1"
  await until('the last attempt', async () => ((await world.sql(bring)).length === 1 ? true : null))
  await until('the update', () => (seen.some(([happening]) => happening === 'updated') ? true : null))
  assert.deepEqual(seen.at(-2), ['created', 10, false])
  assert.deepEqual(seen.at(-1), ['updated', 1, true])
  const letters = await world.sql('select happening, dead, held, error from plinth.event_waiting')
  assert.deepEqual(letters, [{ happening: 'created', dead: true, held: false, error: 'never' }])
  await world.sql('update things set n = n + 1, version = version + 1')
  await until('the next update', () => (seen.filter(([happening]) => happening === 'updated').length === 2 ? true : null))
  assert.deepEqual(seen.at(-1), ['updated', 1, true])
})

test('with hold, the row waits until somebody decides', async (t) => {
  const world = await open(t)
  const seen: string[] = []
  world.start(
    async ({ event }) => {
      seen.push(event.happening)
      if (event.happening === 'created') throw new GiveUp('for good')
    },
    { onDead: 'hold' },
  )
  await world.sql(INSERT, [1])
  await world.sql('update things set n = n + 1, version = version + 1')
  await until('the held row', async () => ((await world.sql('select 1 from plinth.event_waiting')).length === 2 ? true : null))
  assert.deepEqual(seen, ['created'])
  assert.equal(await discardLetters(world.executor.run, 'all', ['test']), 1)
  await until('the update', () => (seen.length === 2 ? true : null))
})

test('pauses grow fourfold, and differ by up to a quarter', () => {
  assert.deepEqual([pauseAfter(1, () => 0.5), pauseAfter(2, () => 0.5), pauseAfter(1, () => 0)], [1_000, 4_000, 750])
  assert.equal(
    pauseAfter(9, () => 0.5),
    65_536_000,
  )
})

test('one engine at a time delivers; another one takes over when it stops', async (t) => {
  const world = await open(t)
  const by: string[] = []
  const first = world.start(async () => void by.push('first'))
  await until('the lease', () => (first.leads() ? true : null))
  const second = world.start(async () => void by.push('second'))
  await world.sql(INSERT, [2])
  await until('two events', () => (by.length === 2 ? true : null))
  await first.stop()
  await world.sql(INSERT, [1])
  await until('the third event', () => (by.length === 3 ? true : null))
  assert.deepEqual([by, second.leads()], [['first', 'first', 'second'], true])
})

test('a process that another one has taken over from leaves no event to be tried again', async (t) => {
  const world = await open(t)
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const engine = world.start(async () => {
    begun.resolve()
    await gate.promise
    throw new Error('too late')
  })
  await world.sql(INSERT, [1])
  await begun.promise
  await world.sql(`update plinth.event_consumers set fence = fence + 1, holder = gen_random_uuid(), held_until = now() + interval '1 day'`)
  const before = await world.sql('select seen::text, held_until from plinth.event_consumers')
  gate.resolve()
  await until('the end of the lease', () => (engine.leads() ? null : true))
  assert.deepEqual(await world.sql('select 1 from plinth.event_waiting'), [])
  await engine.stop()
  assert.deepEqual(await world.sql('select seen::text, held_until from plinth.event_consumers'), before)
})

test('an event of a reaction that the design does not have keeps the number of its attempts', async (t) => {
  const world = await open(t)
  const error = async (): Promise<unknown> => (await world.sql('select attempt, error from plinth.event_waiting'))[0]
  await world.sql(`insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, attempt)
    values ('gone', 1, 'Thing', 'created', 'x', 1, now(), 7)`)
  world.start(async () => {})
  const looked = await until('a look at it', async () =>
    (await world.sql('select 1 from plinth.event_waiting where error is not null'))[0] ? error() : null,
  )
  assert.deepEqual(looked, { attempt: 7, error: 'the design has no such reaction' })
})

test('a log from another server is delivered from where it was', async (t) => {
  const world = await open(t)
  const seen: string[] = []
  const first = world.start(async ({ event }) => void seen.push(event.id))
  await world.sql(INSERT, [2])
  await until('two events', () => (seen.length === 2 ? true : null))
  await first.stop()
  await world.sql(INSERT, [1])
  // As after a restore: the transactions of the other server had higher numbers.
  await world.sql(`update plinth.event_consumers set seen = '900000000000:900000000000:'`)
  await world.sql(
    `update plinth.events set xid = case when id = (select max(id) from plinth.events) then '900000000001'::xid8 else '800000000000'::xid8 end`,
  )
  // Rows that are written before a process reads the log again.
  await world.sql(INSERT, [1])
  world.start(async ({ event }) => void seen.push(event.id))
  await until('the third and the fourth event', () => (new Set(seen).size >= 4 ? true : null))
  await world.sql(INSERT, [1])
  await until('the fifth event', () => (new Set(seen).size >= 5 ? true : null))
})
