/** Migrations with concurrent instances, in a shared database, and with readers that lock a table. */

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../../src/postgres/connect.ts'
import type { MigrationEvent } from '../../src/postgres/migrate/migration-event.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { processorTime } from '../support/processor-time.ts'
import { processorWait } from '../support/processor-wait.ts'
import { KILLED } from './migrate-killed.ts'
import { empty, execute, migrateTo, rowsOf, schemaIn } from './schema.ts'

const text = { type: 'text', max: 100 }
const one = { Post: { fields: { title: text } } }
const two = { Post: { fields: { title: text, body: { ...text, default: 'none' } }, indexes: [['body']] } }

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.drop())
beforeEach(() => empty(database.url))

describe('instances that start at the same time', () => {
  it('migrate an empty database once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => migrateTo(database.url, KILLED.old)))
    assert.deepEqual(outcomes.map((outcome) => outcome.kind).sort(), ['applied', 'current', 'current', 'current', 'current'])
    assert.deepEqual(await rowsOf(database.url, 'select count(*)::integer as n from plinth.migrations'), [{ n: 1 }])
  })

  it('migrate an older database once, indexes that are built concurrently included', async () => {
    await migrateTo(database.url, KILLED.old)
    await execute(database.url, KILLED.rows)
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => migrateTo(database.url, KILLED.new, { allowed: ['deletes-data'] })))
    assert.deepEqual(outcomes.map((outcome) => outcome.kind).sort(), ['applied', 'current', 'current', 'current', 'current'])
    assert.deepEqual(await rowsOf(database.url, 'select count(*)::integer as n from plinth.migrations where finished_at is not null'), [
      { n: 2 },
    ])
  })
})

describe('a start with nothing to do', () => {
  it('takes well under 300 ms of processor time, also with a hundred entities', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`Thing${i}`, { fields: { title: { ...text, unique: true }, body: text } }]),
    )
    await migrateTo(database.url, many)
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const events: MigrationEvent[] = []
      const spent = processorTime()
      assert.equal((await migrateTo(database.url, many, { onProgress: (event) => events.push(event) })).kind, 'current')
      times.push(spent())
      assert.deepEqual(events, [], 'it compared nothing')
    }
    assert.ok(Math.min(...times) < 300, `${times.map(Math.round)} ms`)
  })

  it('finds work after the database was changed by hand', async () => {
    await migrateTo(database.url, two)
    await execute(database.url, ['alter table posts drop column body'])
    const outcome = await migrateTo(database.url, two)
    assert.equal(outcome.kind, 'applied')
    assert.equal((await migrateTo(database.url, two)).kind, 'current')
  })
})

describe('a dry run', () => {
  it('shows the steps with `dry` and changes nothing', async () => {
    await migrateTo(database.url, one)
    const before = await schemaIn(database.url)
    const outcome = await migrateTo(database.url, two, { run: 'dry' })
    assert.equal(outcome.kind, 'planned')
    assert.ok(outcome.kind === 'planned' && outcome.plan.statements.some((statement) => statement.sql.includes('add column "body"')))
    assert.deepEqual(await schemaIn(database.url), before)
    assert.deepEqual(await rowsOf(database.url, "select nspname from pg_namespace where nspname like 'plinth_%'"), [])
  })

  it('counts the rows that a step would fail on', async () => {
    await migrateTo(database.url, one)
    await execute(database.url, ["insert into posts (title) values ('a')"])
    const outcome = await migrateTo(database.url, { Post: { fields: { title: text, body: text } } }, { run: 'dry' })
    assert.deepEqual(outcome.kind === 'planned' && outcome.problems.map((problem) => problem.rows), [1])
  })
})

describe('a database that others use too', () => {
  it('keeps foreign tables, columns, indexes and checks with all hazards allowed', async () => {
    await migrateTo(database.url, one)
    await execute(database.url, [
      'create table theirs (id integer primary key)',
      'alter table posts add column noted text',
      'create index their_index on posts (title text_pattern_ops)',
      "alter table posts add constraint their_check check (title <> 'x')",
    ])
    const outcome = await migrateTo(database.url, two, { allowed: ['deletes-data', 'alters-foreign-table'] })
    assert.equal(outcome.kind, 'applied')
    const tables = await schemaIn(database.url)
    const posts = tables.find((table) => table.name === 'posts')
    assert.ok(tables.some((table) => table.name === 'theirs'))
    assert.ok(posts?.columns.some((column) => column.name === 'noted'))
    assert.ok(posts?.indexes.some((index) => index.name === 'their_index' && index.parts[0] === '"title" text_pattern_ops'))
    assert.ok(posts?.constraints.some((constraint) => constraint.name === 'their_check'))
  })

  it('is not altered when a table of the design already existed, unless that is allowed', async () => {
    await execute(database.url, [
      'create table posts (id uuid primary key default gen_random_uuid(), title text not null)',
      "insert into posts (title) values ('kept')",
    ])
    const before = await schemaIn(database.url)
    const refused = await migrateTo(database.url, one)
    assert.equal(refused.kind, 'refused')
    assert.ok(refused.kind === 'refused' && refused.plan.blocked.every((blocked) => blocked.hazard === 'alters-foreign-table'))
    assert.deepEqual(await schemaIn(database.url), before)
    assert.equal((await migrateTo(database.url, one, { allowed: ['alters-foreign-table'] })).kind, 'applied')
    assert.deepEqual(await rowsOf(database.url, 'select title, version from posts'), [{ title: 'kept', version: '1' }])
  })

  it('is taken over unchanged when the record of migrations is lost', async () => {
    await migrateTo(database.url, one)
    await execute(database.url, ["insert into posts (title) values ('kept')", 'drop schema plinth cascade'])
    const outcome = await migrateTo(database.url, one)
    assert.equal(outcome.kind, 'applied')
    assert.ok(outcome.kind === 'applied' && outcome.plan.statements.every((statement) => statement.sql.includes('"plinth"')))
    assert.equal((await migrateTo(database.url, two)).kind, 'applied')
    assert.deepEqual(await rowsOf(database.url, 'select title from posts'), [{ title: 'kept' }])
  })
})

describe('a role that may only read and write rows', () => {
  // every server has this role, and it has no rights on tables; the role of an embedded server cannot create roles
  const role = 'pg_monitor'

  it('finds the database up to date, writes rows that the checks accept, and can create nothing', async () => {
    const list = { Post: { fields: { tags: { type: 'list', of: { type: 'text', max: 3 }, max: 9 } } } }
    await migrateTo(database.url, list)
    await execute(database.url, [
      `grant usage on schema public, plinth to ${role}`,
      `grant select, insert, update, delete on all tables in schema public, plinth to ${role}`,
    ])
    const url = new URL(database.url)
    url.searchParams.set('options', `-c role=${role}`)
    assert.equal((await migrateTo(url.href, list, { run: 'dry' })).kind, 'current')
    await execute(url.href, ["insert into posts (tags) values ('{abc}')"])
    await assert.rejects(execute(url.href, ["insert into posts (tags) values ('{abcd}')"]), { code: '23514' })
    await assert.rejects(execute(url.href, ['create table mine ()']), { code: '42501' })
    await assert.rejects(migrateTo(url.href, two, { run: 'dry' }), { name: 'EnvironmentError', message: /not up to date/ })
    await execute(database.url, ['create index theirs on posts using gin (tags)'])
    assert.equal((await migrateTo(url.href, list, { run: 'dry' })).kind, 'current', 'an index that another tool added is left as it is')
  })
})

describe('a reader that locks a table', () => {
  it('makes the migration wait in short attempts, between which other sessions read', async () => {
    await migrateTo(database.url, one)
    await execute(database.url, ["insert into posts (title) values ('a')"])
    const events: MigrationEvent[] = []
    await withClient(database.url, async (reader) => {
      await reader.query('begin')
      await reader.query('select * from posts')
      const migration = migrateTo(database.url, two, { onProgress: (event) => events.push(event) })
      const waited = processorWait()
      const slowest = await slowestRead(database.url, 3_500)
      await reader.query('commit')
      assert.equal((await migration).kind, 'applied')
      assert.ok(slowest < 1_500 + waited(), `a read took ${Math.round(slowest)} ms`)
    })
    assert.ok(events.some((event) => event.kind === 'waiting-for-lock'))
  })
})

async function slowestRead(url: string, forMs: number): Promise<number> {
  return withClient(url, async (client) => {
    let slowest = 0
    for (const began = performance.now(); performance.now() - began < forMs; await sleep(20)) {
      const asked = performance.now()
      await client.query('select count(*) from posts')
      slowest = Math.max(slowest, performance.now() - asked)
    }
    return slowest
  })
}
