/** Events during whose attempt the process ends: they are tried apart from others, and given up. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type EngineWorld, INSERT, openEngineWorld as open } from './engine-world.ts'
import { until } from './events-world.ts'

/** Takes the lease away as the death of the process does: it is over, not released, and what the engine still does has no effect. */
async function kill({ sql }: EngineWorld): Promise<void> {
  await sql(`update plinth.event_consumers set fence = fence + 1, held_until = now() - interval '1 second'`)
}

/** Runs engines over a log. Each ends when the reaction gets the row `poison`, until the test ends the last one. */
async function killing(t: TestContext, { rows, poison }: { readonly rows: number; readonly poison: string }) {
  const world = await open(t)
  const seen: string[] = []
  let reached = Promise.withResolvers<void>()
  const run = () => {
    const gate = Promise.withResolvers<void>()
    const engine = world.start(async ({ event }) => {
      const { n } = JSON.parse(event.row) as { n: number }
      seen.push(String(n))
      if (String(n) !== poison) return
      reached.resolve()
      await gate.promise
    })
    return { engine, end: () => gate.reject(new Error('killed')) }
  }
  await world.sql(INSERT, [rows])
  return {
    ...world,
    seen,
    run,
    async killed() {
      reached = Promise.withResolvers<void>()
      const { engine, end } = run()
      await reached.promise
      await kill(world)
      end()
      await engine.stop()
    },
    /** The attempts that processes had begun began long ago, so no pause is left. */
    longAgo: () => world.sql(`update plinth.event_waiting set failed_at = failed_at - interval '1 day' where begun > 0`),
    /** What waits is due at once. */
    due: () => world.sql(`update plinth.event_waiting set run_at = now() where run_at < 'infinity' and not dead`),
  }
}

test('an event that ends each process is given up after ten attempts that are written down, and holds up no other row', async (t) => {
  const world = await killing(t, { rows: 20, poison: '7' })
  await world.killed()
  for (const begun of [1, 2, 10]) {
    // Between the second and the last one, so many processes end in the same way.
    if (begun === 10) await world.sql('update plinth.event_waiting set begun = 9 where begun > 0')
    await world.longAgo()
    await world.killed()
    assert.deepEqual(await world.sql(`select begun, attempt from plinth.event_waiting where after ->> 'n' = '7'`), [{ begun, attempt: 0 }])
  }
  await world.longAgo()
  const { engine } = world.run()
  const [letter] = await until('the dead letter', async () => {
    const dead = await world.sql('select attempt, error from plinth.event_waiting where dead')
    return dead.length > 0 ? dead : null
  })
  await until('the others', () => (new Set(world.seen).size === 20 ? true : null))
  assert.deepEqual(letter, {
    attempt: 10,
    error: 'the process ended during 10 of the attempts; see its log for code that blocks, or for a lack of memory',
  })
  assert.equal(world.seen.filter((n) => n === '7').length, 4)
  await until('nothing to wait', async () => ((await world.sql('select from plinth.event_waiting')).length === 1 ? true : null))
  await engine.stop()
})

test('after the second end of a process the pauses of failed attempts follow, from the begin of the attempt', async (t) => {
  const world = await killing(t, { rows: 1, poison: '1' })
  await world.killed()
  await world.killed()
  for (const [begun, pause] of [
    [1, 0],
    [2, 1],
    [4, 16],
    [10, 0],
  ] as const) {
    await world.sql(`update plinth.event_waiting set begun = $1, failed_at = now() + interval '1 hour', run_at = 'infinity'`, [begun])
    const { engine } = world.run()
    await until('its next attempt', async () => {
      const [waiting] = await world.sql(`select extract(epoch from run_at - failed_at)::float8 as pause from plinth.event_waiting`)
      return waiting?.pause === pause ? true : null
    })
    await kill(world)
    await engine.stop()
  }
})

test('an event during which the process ended by chance is delivered, and its row goes on in order', async (t) => {
  const world = await killing(t, { rows: 3, poison: '2' })
  await world.sql('update things set n = n + 10 where n = 2')
  await world.killed()
  await world.killed()
  const { engine, end } = world.run()
  await until('its attempt', () => (world.seen.filter((n) => n === '2').length === 3 ? true : null))
  end()
  await until('its failure', async () => {
    const [waiting] = await world.sql(`select begun, attempt from plinth.event_waiting where after ->> 'n' = '2'`)
    return waiting?.begun === 0 && waiting.attempt === 2 ? true : null
  })
  await engine.stop()
  const last = world.start(async ({ event }) => void world.seen.push(JSON.parse(event.row).n))
  await world.due()
  await until('the later event of its row', () => (world.seen.includes(12 as never) ? true : null))
  await last.stop()
  assert.deepEqual(await world.sql('select from plinth.event_waiting'), [])
})
