/** Every kind of default, in every way of filling it in: a request, an insert in SQL, a new column of existing rows. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { databasesOf } from '../../src/embed/databases.ts'
import { migrate } from '../../src/postgres/migrate/migrate.ts'
import { migrateTo, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import { execute } from './schema.ts'

interface Kind {
  readonly name: string
  readonly type: object
  /** The value in the API; a pattern for values that depend on the time. */
  readonly shown: unknown
  readonly by?: 'requests'
}

const NOW = new Date().getUTCFullYear()
/** A year may end while the test runs. */
const YEAR = new RegExp(`^(${NOW}|${NOW + 1})$`)
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const expression = (source: string) => ({ default: { expression: source } })

const KINDS: readonly Kind[] = [
  { name: 'a text', type: { type: 'text', default: "it's \\ now()" }, shown: "it's \\ now()" },
  { name: 'an empty text', type: { type: 'text', default: '' }, shown: '' },
  { name: 'an address', type: { type: 'email', default: 'a@b.example' }, shown: 'a@b.example' },
  { name: 'a URL', type: { type: 'url', default: 'https://a.example/?b=c' }, shown: 'https://a.example/?b=c' },
  {
    name: 'a UUID',
    type: { type: 'uuid', default: '0190f000-0000-7000-8000-000000000000' },
    shown: '0190f000-0000-7000-8000-000000000000',
  },
  { name: 'an integer', type: { type: 'integer', default: -9007199254740991 }, shown: -9007199254740991 },
  {
    name: 'a decimal',
    type: { type: 'decimal', precision: 20, scale: 3, default: '12345678901234567.125' },
    shown: '12345678901234567.125',
  },
  { name: 'a number', type: { type: 'number', default: 1e-7 }, shown: 1e-7 },
  { name: 'a boolean', type: { type: 'boolean', default: false }, shown: false },
  { name: 'a timestamp', type: { type: 'timestamp', default: '2024-01-01T00:00:00+02:00' }, shown: '2023-12-31T22:00:00.000Z' },
  { name: 'a date', type: { type: 'date', default: '2024-02-29' }, shown: '2024-02-29' },
  { name: 'a time', type: { type: 'time', default: '09:00' }, shown: '09:00:00' },
  { name: 'a duration', type: { type: 'duration', default: 'P1DT12H' }, shown: 'P1DT12H' },
  { name: 'JSON', type: { type: 'json', default: { a: [1, 'b'] } }, shown: { a: [1, 'b'] } },
  { name: 'a choice', type: { type: 'choice', values: ['a', 'b'], default: 'b' }, shown: 'b' },
  { name: 'a list', type: { type: 'list', of: { type: 'text' }, max: 5, default: ['a"', 'NULL'] }, shown: ['a"', 'NULL'] },
  { name: 'an empty list', type: { type: 'list', of: { type: 'integer' }, max: 5, default: [] }, shown: [] },
  { name: 'now()', type: { type: 'timestamp', default: 'now()' }, shown: INSTANT },
  { name: 'a time after now()', type: { type: 'timestamp', ...expression("now() + duration('24h')") }, shown: INSTANT },
  { name: 'a part of now()', type: { type: 'integer', ...expression('now().getFullYear()') }, shown: YEAR },
  { name: 'a sum', type: { type: 'integer', ...expression('20 + 22') }, shown: 42 },
  { name: 'a choice between values', type: { type: 'text', ...expression("now().getFullYear() > 2000 ? 'new' : 'old'") }, shown: 'new' },
  { name: 'a condition', type: { type: 'boolean', ...expression('now().getFullYear() > 2000') }, shown: true },
  { name: 'a condition on items', type: { type: 'boolean', ...expression('now().getFullYear() in [1999, 2000]') }, shown: false },
  { name: 'uuid()', type: { type: 'uuid', ...expression('uuid()') }, shown: /^[0-9a-f-]{36}$/ },
  { name: 'today()', type: { type: 'date', ...expression('today()') }, shown: /^\d{4}-\d\d-\d\d$/ },
  { name: 'the caller', type: { type: 'ref', entity: 'User', default: 'auth.id' }, shown: 'caller', by: 'requests' },
  { name: 'a claim of the caller', type: { type: 'text', ...expression('auth.name') }, shown: 'Ada', by: 'requests' },
  {
    name: 'a condition on the caller',
    type: { type: 'text', ...expression("auth.id == null ? 'nobody' : 'somebody'") },
    shown: 'somebody',
    by: 'requests',
  },
]

const open = { access: { read: 'true', create: 'true', update: 'true', delete: 'true' } }
const USER = {
  fields: { email: { type: 'email', unique: true }, name: { type: 'text', max: 40 }, password: { type: 'password' } },
  access: { read: 'true', create: 'true' },
  identity: { login: 'email', password: 'password', claims: ['name'] },
}
const withThing = (fields: object) => ({ Thing: { fields: { title: { type: 'text', max: 40 }, ...fields }, ...open }, User: USER })
const designOf = (fields: object) => ({
  name: 'defaults',
  entities: withThing(fields),
})

const fields = (kinds: readonly Kind[]) => Object.fromEntries(kinds.map(({ type }, i) => [`f${i}`, type]))

describe('a default', () => {
  it('is filled in by a request, for every kind', async (t) => {
    const asked = await testBackend(t, modelFrom(designOf(fields(KINDS))))
    const { token, id } = await account(asked)
    for (const body of [{ title: 'a' }, { title: 'b' }]) {
      const { status, json, text } = await asked.ask('POST', '/api/things', { body, token })
      assert.equal(status, 201, text)
      for (const [i, kind] of KINDS.entries()) show(kind, json[`f${i}`], id)
    }
  })

  it('is filled in by the database, unless it depends on the caller; an insert must then contain it', async (t) => {
    const asked = await testBackend(t, modelFrom(designOf(fields(KINDS))))
    const { id } = await account(asked)
    const callers = KINDS.flatMap(({ by, type }, i) =>
      by === 'requests' ? [{ column: 'entity' in type ? `f${i}_id` : `f${i}`, value: 'entity' in type ? id : `given ${i}` }] : [],
    )
    for (const { column } of callers) {
      const others = callers.filter((other) => other.column !== column)
      await assert.rejects(
        asked.sql(
          insert(others.map((other) => other.column)),
          others.map((other) => other.value),
        ),
        new RegExp(`"${column}".*not-null`),
      )
    }
    await asked.sql(
      insert(callers.map(({ column }) => column)),
      callers.map(({ value }) => value),
    )
    const { json } = await asked.ask('GET', '/api/things')
    assert.equal(json.data.length, 1)
    for (const [i, kind] of KINDS.entries()) if (kind.by === undefined) show(kind, json.data[0][`f${i}`], id)
  })

  it('fills a new column of existing rows, unless it depends on the caller', async (t) => {
    const database = await testDatabase()
    t.after(() => database.drop())
    const byDatabase = KINDS.filter(({ by }) => by === undefined)
    await migrateTo(modelFrom(designOf({})), database.url)
    await execute(database.url, ["insert into things (title) values ('a'), ('b')"])
    const model = modelFrom(designOf(fields(byDatabase)))
    await migrateTo(model, database.url)
    const asked = await testBackend(t, model, { databaseUrl: database.url })
    const { json } = await asked.ask('GET', '/api/things')
    assert.equal(json.data.length, 2)
    for (const row of json.data) for (const [i, kind] of byDatabase.entries()) show(kind, row[`f${i}`], '')
    const at = byDatabase.findIndex(({ name }) => name === 'uuid()')
    assert.notEqual(json.data[0][`f${at}`], json.data[1][`f${at}`])
  })

  for (const { name, type } of KINDS.filter(({ by }) => by === 'requests')) {
    it(`that is ${name} does not fill a new column: the message says that only requests fill it in`, async (t) => {
      const database = await testDatabase()
      t.after(() => database.drop())
      await migrateTo(modelFrom(designOf({})), database.url)
      await execute(database.url, ["insert into things (title) values ('a')"])
      const refused = await attempt(database.url, { made: type })
      assert.match(refused, /^its default depends on the caller, so only requests fill it in: make the field optional/)
      assert.doesNotMatch(refused, /give the field a default/)
      assert.match(await attempt(database.url, { made: { type: 'text', max: 40 } }), /^if made is the new name|^give the field a default/)
    })
  }
})

async function attempt(url: string, more: object): Promise<string> {
  const model = modelFrom(designOf(more))
  const outcome = await migrate({ url, databases: databasesOf(model), version: 'test', run: 'apply' })
  assert.equal(outcome.kind, 'refused')
  return outcome.kind === 'refused' ? (outcome.problems[0]?.remedy ?? '') : ''
}

function insert(columns: readonly string[]): string {
  const names = ['title', ...columns].join(', ')
  return `insert into things (${names}) values (${["'a'", ...columns.map((_, i) => `$${i + 1}`)].join(', ')})`
}

async function account(asked: TestBackend): Promise<{ readonly token: string; readonly id: string }> {
  const [row] = await asked.sql("insert into users (email, name, password) values ('ada@example.com', 'Ada', 'x') returning id")
  const id = String(row?.id)
  return { id, token: await asked.tokenFor(id) }
}

function show({ name, shown }: Kind, value: unknown, caller: string): void {
  if (shown instanceof RegExp) assert.match(String(value), shown, name)
  else if (shown === 'caller') assert.equal((value as { id?: string }).id ?? value, caller, name)
  else assert.deepEqual(value, shown, name)
}
