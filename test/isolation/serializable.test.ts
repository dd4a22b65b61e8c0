/** Serializable actions: the example of the reference, conflicts that are found late, repetitions, and every way to run an action. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { parse } from 'yaml'
import { LIMITS } from '../../src/base/limits.ts'
import { sql } from '../../src/base/sql/sql.ts'
import { actionLines } from '../../src/commands/planning/actions-text.ts'
import { plannedActions } from '../../src/commands/planning/planned-actions.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { until } from '../crash/crash-state.ts'
import { newPem } from '../identity/instances.ts'
import { SHORT_TIMES } from '../jobs/desk.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { ROOT } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

// biome-ignore lint/suspicious/noExplicitAny: the designs are made at run time
type Context = any

const page = readFileSync(join(ROOT, 'docs/reference/logic.md'), 'utf8')
const CLOSED = { read: 'true', create: 'false', update: 'false', delete: 'false' }

const [, example = ''] = /```yaml design\n(name: rooms\n[\s\S]*?)```/.exec(page) ?? []

test('plan and the OpenAPI document say that an action is serializable', () => {
  const model = modelFrom(parse(example))
  const [book] = plannedActions(model)
  assert.deepEqual([book?.isolation, book?.trips], ['serializable', 'several: begin, its statements, commit'])
  const lines = actionLines(plannedActions(model), 'Actions', PLAIN)
  assert.equal(lines.filter((line) => /isolation +serializable, and run again after a conflict$/.test(line)).length, 2)
  // biome-ignore lint/suspicious/noExplicitAny: a document of any shape
  const { paths }: any = openapi(model, { reach: 'all', version: '1.0.0', limits: LIMITS })
  assert.match(paths['/api/actions/book'].post.description, /no other serializable action ran at the same time.*409 `write_conflict`/)
  assert.ok(paths['/api/actions/book'].post.responses[409] !== undefined)
})

test('the example of the reference never books a day four times, however many guests book at once', async (t) => {
  const keys = readKeys('AUTH_KEYS', newPem())
  const one = await testBackend(t, modelFrom(parse(example)), { keys })
  const other = await testBackend(t, one.model, { databaseUrl: one.databaseUrl, keys })
  const [guest] = await one.sql("insert into guests (email, password) values ('ann@example.com', 'x') returning id")
  const token = await one.tokenFor(String(guest?.id))
  const book = ({ ask }: TestBackend) => ask('POST', '/api/actions/book', { token, body: { day: '2030-01-01' } })
  const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => book(i % 2 === 0 ? one : other)))
  for (const { status, json } of answers) assert.ok(status === 200 || ['full', 'write_conflict'].includes(json.code), JSON.stringify(json))
  const booked = answers.filter(({ status }) => status === 200).length
  assert.ok(booked >= 1 && booked <= 3, String(booked))
  for (let i = booked; i < 3; i++) assert.equal((await book(one)).status, 200)
  assert.equal((await book(other)).json.code, 'full')
  assert.deepEqual(await one.sql('select count(*)::int from bookings'), [{ count: 3 }])
})

/** Each of two doctors leaves if the other one stays. Both have written before one commits. */
function hospital(isolation: object) {
  const both = Promise.withResolvers<void>()
  let ready = 0
  const runs: string[] = []
  const model = modelFrom({
    name: 'hospital',
    entities: { Doctor: { fields: { name: { type: 'text', max: 10 }, onCall: { type: 'boolean' } }, access: CLOSED } },
    actions: {
      leave: {
        as: 'system',
        allow: 'true',
        ...isolation,
        input: { name: 'text' },
        output: { left: 'boolean' },
        run: async ({ db, input }: Context) => {
          runs.push(input.name)
          const doctors = await db.system.Doctor.list({})
          const here = doctors.filter(({ onCall }: { readonly onCall: boolean }) => onCall)
          if (here.length < 2) return { left: false }
          await db.system.Doctor.update(here.find(({ name }: { readonly name: string }) => name === input.name).id, { onCall: false })
          if (++ready === 2) both.resolve()
          await both.promise
          return { left: true }
        },
      },
    },
  })
  return { model, runs }
}

test('what two transactions decide by each other is found at the commit, and one of them runs again', async (t) => {
  const left = async (isolation: object) => {
    const { model, runs } = hospital(isolation)
    const { ask, sql: run } = await testBackend(t, model)
    await run("insert into doctors (name, on_call) values ('Ann', true), ('Bob', true)")
    const answers = await Promise.all(['Ann', 'Bob'].map((name) => ask('POST', '/api/actions/leave', { body: { name } })))
    const [{ here } = {}] = await run('select count(*)::int as here from doctors where on_call')
    return { here, runs: runs.length, left: answers.map(({ json }) => json.left).sort() }
  }
  assert.deepEqual(await left({}), { here: 0, runs: 2, left: [true, true] }, 'write skew, which Read Committed allows')
  assert.deepEqual(await left({ isolation: 'serializable' }), { here: 1, runs: 3, left: [false, true] })
})

test('an action that always meets a conflict runs four times, and is then refused without an effect', async (t) => {
  let runs = 0
  let url = ''
  const model = modelFrom({
    name: 'busy',
    entities: {
      Counter: { fields: { n: { type: 'integer' } }, access: CLOSED },
      Mark: { fields: { n: { type: 'integer' } }, access: CLOSED },
    },
    actions: {
      count: {
        as: 'system',
        allow: 'true',
        isolation: 'serializable',
        output: { n: 'integer' },
        run: async ({ db }: Context) => {
          runs++
          await db.system.Mark.create({ n: runs })
          const [counter] = await db.system.Counter.list({})
          const client = new pg.Client({ connectionString: url })
          await client.connect()
          await client.query('update counters set n = n + 1')
          await client.end()
          return { n: (await db.system.Counter.update(counter.id, { n: { increment: 1 } })).n }
        },
      },
    },
  })
  const { ask, sql: run, databaseUrl } = await testBackend(t, model)
  url = databaseUrl
  await run('insert into counters (n) values (0)')
  for (const headers of [{}, { 'idempotency-key': 'a' }] as const) {
    runs = 0
    const { status, json } = await ask('POST', '/api/actions/count', { headers })
    assert.deepEqual([status, json.code, runs], [409, 'write_conflict', 4])
    assert.deepEqual(await run('select count(*)::int from marks'), [{ count: 0 }])
  }
})

test('every way to run a serializable action runs it so', async (t) => {
  const steps = [{ create: 'Thing', set: { way: 'input.way' } }]
  const run = ({ db, input }: Context) => db.system.Thing.create({ way: input.way })
  const common = { as: 'system', allow: 'true', input: { way: 'text' } }
  const model = modelFrom({
    name: 'ways',
    entities: { Thing: { fields: { way: { type: 'text', max: 40 } }, access: { ...CLOSED, create: 'true' } } },
    actions: {
      steps: { ...common, isolation: 'serializable', steps },
      code: { ...common, isolation: 'serializable', run },
      own: { ...common, isolation: 'serializable', transaction: 'own', run: ({ transaction }: Context) => transaction(run) },
      calls: { ...common, steps: [{ call: 'steps', input: { way: 'input.way' } }] },
      plain: { ...common, steps },
      add: { ...common, steps: [{ enqueue: 'later', input: { way: 'input.way' } }] },
    },
    jobs: { later: { as: 'system', input: { way: 'text' }, steps: [{ call: 'steps', input: { way: 'input.way' } }] } },
    on: { 'Thing.created': [{ call: 'code', input: { way: '"reaction"' }, when: 'way == "plain"', as: 'system' }] },
  })
  const { ask, sql: query } = await testBackend(t, model, { workerTimes: SHORT_TIMES })
  await query('create table public.levels (by text, level text)')
  await query(`create function public.note() returns trigger language plpgsql as $$ begin
    insert into public.levels values (new.way, current_setting('transaction_isolation')); return null; end $$`)
  await query('create trigger note after insert on things for each row execute function public.note()')
  const rest = async (action: string, by: string, headers: Record<string, string> = {}) => {
    const { status, text } = await ask('POST', `/api/actions/${action}`, { body: { way: by }, headers })
    assert.ok(status < 300, `${by}: ${text}`)
  }
  for (const action of ['steps', 'code', 'own', 'calls', 'plain']) await rest(action, action)
  for (const action of ['steps', 'code', 'calls']) await rest(action, `${action} with key`, { 'idempotency-key': 'a' })
  const graphql = async (query: string, headers: Record<string, string> = {}) => {
    const { json } = await ask('POST', '/graphql', { body: { query }, headers })
    assert.equal(json.errors, undefined, JSON.stringify(json))
  }
  await graphql('mutation { steps(way: "graphql") plain(way: "beside") }')
  await graphql('mutation @atomic { plain(way: "atomic") createThing(input: { way: "atomic" }) { id } steps(way: "atomic") }')
  await graphql('mutation @atomic { code(way: "atomic with key") plain(way: "atomic with key") }', { 'idempotency-key': 'b' })
  await rest('add', 'job')
  const levels = async () =>
    (await query('select by, array_agg(distinct level) as levels from public.levels group by by')).map((row) => [row.by, row.levels])
  await until('the job and the reaction have run', async () => {
    const names = (await levels()).map(([by]) => by)
    return names.includes('job') && names.includes('reaction')
  })
  const found = Object.fromEntries(await levels())
  const { plain, beside, ...others } = found
  assert.deepEqual([plain, beside], [['read committed'], ['read committed']])
  for (const [by, level] of Object.entries(others)) assert.deepEqual(level, ['serializable'], by)
  assert.equal(Object.keys(others).length, 12)
})

test('a transaction may be read-only, and a serializable one is not begun within another', async (t) => {
  const database = await testDatabase()
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 5_000 })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  const show = { name: 'show', sql: sql`select current_setting('transaction_isolation'), current_setting('transaction_read_only')` }
  const shown = (options?: Parameters<typeof executor.transaction>[1]) =>
    executor.transaction(async (within) => (await within.run(show, {}))[0], options)
  assert.deepEqual(await shown(), ['read committed', 'off'])
  assert.deepEqual(await shown({ access: 'read only' }), ['read committed', 'on'])
  assert.deepEqual(await shown({ isolation: 'serializable', access: 'read only' }), ['serializable', 'on'])
  const nested = (outer: 'read committed' | 'serializable') =>
    executor.transaction((within) => within.transaction(async () => 'done', { isolation: 'serializable' }), { isolation: outer })
  assert.equal(await nested('serializable'), 'done')
  await assert.rejects(nested('read committed'), /a serializable transaction around it/)
})
