/** The role as which verify serves: what it may do, what it may not do, and that a backend served as the owner of its tables is noticed. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { roleLine } from '../../src/commands/verifying/report-text.ts'
import { createOrdinaryRole } from '../../src/commands/verifying/roles/ordinary-role.ts'
import { servedRole } from '../../src/commands/verifying/roles/served-role.ts'
import { LOG_PARTS } from '../../src/model/database.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { servingPrivileges } from '../../src/postgres/schema/serving-privileges.ts'
import { emptyOldPart } from '../../src/services/events/rotation.ts'
import { type Ends, modelFrom, testBackend } from '../support/backend.ts'
import { ROOT } from '../support/command-line.ts'
import { migratedDatabase, throwawayServer } from '../support/database.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

/** A design whose writes are logged, number rows and keep passwords. */
const MODEL = modelFrom({
  name: 'desk',
  on: { 'Ticket.created': [{ call: 'Ticket.greet', as: 'system' }] },
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: OPEN,
    },
    Ticket: {
      fields: { title: { type: 'text' }, number: { type: 'sequence' }, greeting: { type: 'text', default: '' } },
      access: OPEN,
      actions: { greet: { allow: 'true', steps: [{ update: 'row', set: { greeting: "'hello'" } }] } },
    },
    Room: { fields: { id: { type: 'integer' }, name: { type: 'text' } }, access: OPEN },
  },
})

/** What a role that only serves must be refused. */
const FORBIDDEN: readonly string[] = [
  'create table public.stolen (id int)',
  'create table plinth.stolen (id int)',
  'create temporary table stolen (id int)',
  'create schema stolen',
  'create function public.stolen() returns int language sql as $$select 1$$',
  'create view public.stolen as select * from public.tickets',
  'create role stolen',
  'create extension pg_stat_statements',
  'create index on public.tickets (title)',
  'create trigger stolen before insert on public.tickets for each row execute function plinth.raise_version()',
  'drop table public.tickets',
  'drop schema plinth cascade',
  'truncate public.tickets',
  'alter table public.tickets add column stolen text',
  'alter table public.tickets disable trigger all',
  'alter table public.tickets owner to current_user',
  'alter role current_user createrole',
  'alter database ALL set work_mem = 1',
  'set session_replication_role = replica',
  'set session authorization postgres',
  'set role OWNER',
  'create database stolen',
  'update plinth.migrations set desired_hash = $$x$$',
  'delete from plinth.migrations',
  'select * from pg_authid',
  "select pg_read_file('/etc/passwd')",
  "copy public.tickets to '/tmp/stolen'",
  "copy public.tickets from program 'true'",
  'select lo_import($$/etc/passwd$$)',
]

/** Runs what was added last first. Hooks of a test run in the order in which they were added. */
function lastFirst(t: Ends): Ends {
  const ends: (() => unknown)[] = []
  t.after(async () => {
    for (const end of ends.reverse()) await end()
  })
  return { after: (end: unknown) => void ends.push(end as () => unknown) }
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

test('an ordinary role serves a backend whose writes are logged and numbered, and empties old parts of the log', async (c) => {
  const t = lastFirst(c)
  const database = await migratedDatabase(MODEL)
  t.after(database.drop)
  const role = await createOrdinaryRole(database.url, (await throwawayServer()).administratorUrl())
  if (role === null) return c.skip('no role can be made on this server')
  t.after(role.drop)
  const defects: unknown[] = []
  const backend = await testBackend(t, MODEL, {
    databaseUrl: role.url,
    work: 'elsewhere',
    observe: (seen) => {
      if (seen.kind === 'defect') defects.push(seen.error)
    },
  })
  const created = await backend.ask('POST', '/api/tickets', { body: { title: 'x' } })
  assert.equal(created.status, 201, created.text)
  const registered = await backend.ask('POST', '/api/auth/register', { body: { email: 'a@b.example', password: 'Long-Passphrase-1' } })
  assert.equal(registered.status, 201, registered.text)
  const numbered = await backend.ask('POST', '/api/rooms', { body: { name: 'x' } })
  assert.equal(numbered.status, 201, numbered.text)
  assert.equal((await backend.ask('DELETE', `/api/tickets/${created.json.id}`)).status, 204)
  assert.deepEqual(defects, [])
  assert.deepEqual(await servedRole(database.url), { ordinary: true, owns: 0, powers: [] })
  assert.match(roleLine(await servedRole(database.url), PLAIN).join(), /^ {2}role +owns nothing, and may only read and write rows$/)

  await connected(database.url, (client) =>
    client.query(`update plinth.event_consumers set seen = pg_current_snapshot();
      insert into plinth.events (slot, id, entity, happening, row_id, version, at)
      select (extract(epoch from now())::bigint / 86400 + 1) % ${LOG_PARTS}, nextval('plinth.event_numbers_id_seq'), 'Ticket', 'created', 'x', 1,
        now() - interval '8 days'`),
  )
  const executor = openExecutor({ url: role.url, connections: 1, statementTimeoutMs: 10_000 })
  t.after(() => executor.close())
  await emptyOldPart(executor)
})

test('an ordinary role may define, drop, alter and take nothing, and read nothing beside the rows', async (c) => {
  const t = lastFirst(c)
  const database = await migratedDatabase(MODEL)
  t.after(database.drop)
  const role = await createOrdinaryRole(database.url, (await throwawayServer()).administratorUrl())
  if (role === null) return c.skip('no role can be made on this server')
  t.after(role.drop)
  const allowed = await connected(role.url, async (client) => {
    const done: string[] = []
    for (const statement of FORBIDDEN) {
      const text = statement
        .replace('OWNER', new URL(database.url).username)
        .replace('database ALL', `database "${new URL(database.url).pathname.slice(1)}"`)
      // A database is made outside of a transaction.
      const isWithin = !text.startsWith('create database')
      if (isWithin) await client.query('begin')
      const code = await client.query(text).then(
        () => null,
        (error: { readonly code?: string }) => error.code,
      )
      if (isWithin) await client.query('rollback')
      if (code !== '42501') done.push(`${text}: ${code ?? 'done'}`)
    }
    return done
  })
  assert.deepEqual(allowed, [])
})

test('a backend that is served as the owner of its tables is seen, and the report says what its role may do', async (c) => {
  const t = lastFirst(c)
  const database = await migratedDatabase(MODEL)
  t.after(database.drop)
  const backend = await testBackend(t, MODEL, { databaseUrl: database.url })
  assert.equal((await backend.ask('GET', '/api/tickets')).status, 200)
  const role = await servedRole(database.url)
  assert.equal(role?.ordinary, false)
  assert.ok((role?.owns ?? 0) > 10)
  assert.ok(role?.powers.includes('may create tables'))
  assert.match(roleLine(role, PLAIN).join(), /role +owns \d+ objects, .*may create schemas, .*: the backend needs none of this$/)
})

test('the reference names the privileges that an ordinary role gets', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/migrations.md'), 'utf8')
  const statements = servingPrivileges('blog_runtime').map((statement) => `${statement.replaceAll('"', '')};`)
  assert.deepEqual(
    statements.filter((statement) => !page.includes(statement)),
    [],
  )
})
