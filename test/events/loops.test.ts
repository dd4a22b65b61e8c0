/** Reactions and jobs that cause themselves again: they end after a number of rounds, and what has ended can be begun again. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { retryLetters } from '../../src/services/events/letters.ts'
import { listJobs, retryJobs } from '../../src/services/jobs/inspect.ts'
import { SHORT_TIMES } from '../jobs/desk.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { until } from './events-world.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

/** An entity whose action adds one to a number, and calls nothing else. */
const counted = { fields: { n: { type: 'integer', default: 0 } }, access: OPEN, actions: { raise: raising('n') } }

function raising(field: string) {
  return { steps: [{ update: 'row', set: { [field]: `${field} + 1` } }] }
}

async function open(t: TestContext, parts: object) {
  const world = await testBackend(t, modelFrom({ name: 'loops', ...parts }), { workerTimes: SHORT_TIMES })
  const executor = openExecutor({ url: world.databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(() => executor.close())
  return { ...world, run: executor.run }
}

function deadLetter({ sql }: TestBackend, depth = LIMITS.workDepth) {
  return until('the dead letter', async () => {
    const [row] = await sql('select reaction, error, attempt, depth from plinth.event_waiting where dead and depth = $1', [depth])
    return row ?? null
  })
}

test('a reaction that updates the row to whose update it reacts is given up after a number of rounds', async (t) => {
  const world = await open(t, { on: { 'Note.updated': [{ call: 'Note.raise', as: 'system' }] }, entities: { Note: counted } })
  const { json } = await world.ask('POST', '/api/notes', { body: {} })
  await world.ask('PATCH', `/api/notes/${json.id}`, { body: { n: 1 } })
  const letter = await deadLetter(world)
  assert.match(String(letter.error), /^work_too_deep: 100 reactions and jobs have followed from one request.*a condition \(when\)/)
  assert.deepEqual([letter.reaction, letter.attempt], ['Note call Note.raise', 1])
  const read = async () => (await world.ask('GET', `/api/notes/${json.id}`)).json.n
  assert.equal(await read(), 1 + LIMITS.workDepth)

  // A request begins anew, also while it waits for nobody.
  await world.sql('delete from plinth.event_waiting')
  await world.ask('PATCH', `/api/notes/${json.id}`, { body: { n: 0 } })
  await deadLetter(world)
  assert.equal(await read(), LIMITS.workDepth)

  // A retry begins anew, too.
  assert.equal(await retryLetters(world.run, 'all'), 1)
  await until('the further rounds', async () => ((await read()) === 2 * LIMITS.workDepth ? true : null))
})

test('a circle of two entities ends, also where one half is code', async (t) => {
  const world = await open(t, {
    on: {
      'A.updated': [
        {
          run: async ({
            db,
          }: {
            db: { system: Record<string, { list(o: object): Promise<{ id: string }[]>; update(id: string, v: object): Promise<void> }> }
          }) => {
            const [b] = (await db.system.B?.list({ limit: 1 })) ?? []
            if (b !== undefined) await db.system.B?.update(b.id, { n: { increment: 1 } })
          },
          as: 'system',
        },
      ],
      'B.updated': [{ call: 'touch', as: 'system' }],
    },
    actions: { touch: { as: 'system', steps: [{ update: 'A', where: 'n < 100000', set: { n: 'n + 1' } }] } },
    entities: { A: counted, B: counted },
  })
  const a = await world.ask('POST', '/api/as', { body: {} })
  await world.ask('POST', '/api/bs', { body: {} })
  await world.ask('PATCH', `/api/as/${a.json.id}`, { body: { n: 1 } })
  await deadLetter(world)
  const rows = await world.sql('select (select n from "as")::int as a, (select n from bs)::int as b')
  assert.deepEqual(rows, [{ a: 1 + LIMITS.workDepth / 2, b: LIMITS.workDepth / 2 }])
})

test('what the conditions leave out is no round: an event that nobody takes is not given up', async (t) => {
  const last = `n < ${LIMITS.workDepth}`
  const world = await open(t, {
    on: { 'Note.updated': [{ call: 'Note.raise', as: 'system', when: last }] },
    entities: { Note: counted },
  })
  const { json } = await world.ask('POST', '/api/notes', { body: {} })
  await world.ask('PATCH', `/api/notes/${json.id}`, { body: { n: 0 } })
  await until('the end', async () => ((await world.ask('GET', `/api/notes/${json.id}`)).json.n === LIMITS.workDepth ? true : null))
  await until('all events', async () => {
    const rows = await world.sql('select max(depth)::int as depth from plinth.events')
    return rows[0]?.depth === LIMITS.workDepth ? true : null
  })
  assert.deepEqual(await world.sql('select 1 from plinth.event_waiting'), [])
})

test('a job that adds itself is dead after a number of runs, and begins anew when it is tried again', async (t) => {
  const world = await open(t, {
    entities: { Note: { fields: { n: { type: 'integer' } }, access: OPEN } },
    actions: { start: { allow: 'true', steps: [{ enqueue: 'again' }] } },
    jobs: { again: { as: 'system', steps: [{ create: 'Note', set: { n: 1 } }, { enqueue: 'again' }] } },
  })
  await world.ask('POST', '/api/actions/start', { body: {} })
  const dead = () => listJobs(world.run, { state: 'dead', job: null, limit: 5 })
  const [job] = await until('the dead job', async () => ((await dead()).length > 0 ? dead() : null))
  assert.match(String(job?.error), /work_too_deep: 100 reactions and jobs/)
  const count = async () => Number((await world.sql('select count(*) from notes'))[0]?.count)
  assert.equal(await count(), LIMITS.workDepth)
  await retryJobs(world.run, 'all')
  await until('the further runs', async () => ((await count()) === 2 * LIMITS.workDepth ? true : null))
})

test('a job that waits a minute or longer begins a new chain, and one that waits shorter does not', async (t) => {
  const world = await open(t, {
    entities: { Note: { fields: { n: { type: 'integer' } }, access: OPEN } },
    on: { 'Note.created': [{ call: 'later', as: 'system' }] },
    actions: {
      later: {
        as: 'system',
        steps: [
          { enqueue: 'slow', delay: '1m' },
          { enqueue: 'soon', delay: '59s' },
        ],
      },
    },
    jobs: {
      slow: { as: 'system', steps: [{ create: 'Note', set: { n: 1 } }] },
      soon: { as: 'system', steps: [{ create: 'Note', set: { n: 1 } }] },
    },
  })
  await world.ask('POST', '/api/notes', { body: { n: 1 } })
  const jobs = await until('the jobs', async () => {
    const rows = await world.sql('select kind, depth::int from plinth.jobs order by kind')
    return rows.length === 2 ? rows : null
  })
  assert.deepEqual(jobs, [
    { kind: 'slow', depth: null },
    { kind: 'soon', depth: 1 },
  ])
})

test('events and jobs of requests have no depth, also over a connection that a reaction has used', async (t) => {
  const world = await open(t, {
    entities: { Note: counted, Log: { fields: { n: { type: 'integer' } }, access: OPEN } },
    on: { 'Note.created': [{ call: 'log', as: 'system' }], 'Log.created': [{ run: () => {}, as: 'system' }] },
    actions: { log: { as: 'system', steps: [{ create: 'Log', set: { n: 1 } }] } },
  })
  for (let i = 0; i < 20; i++) await world.ask('POST', '/api/notes', { body: {} })
  const depths = await until('the logs', async () => {
    const rows = await world.sql('select entity, depth::int, count(*)::int from plinth.events group by 1, 2 order by 1')
    return rows.find(({ entity }) => entity === 'Log')?.count === 20 ? rows : null
  })
  assert.deepEqual(depths, [
    { entity: 'Log', depth: 1, count: 20 },
    { entity: 'Note', depth: null, count: 20 },
  ])
})
