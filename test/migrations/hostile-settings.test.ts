/** With any settings of a server, a database or a role, migrations compare definitions and answers print values in the same form. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import pg from 'pg'
import { withClient } from '../../src/postgres/connect.ts'
import { WORK_SETTINGS } from '../../src/postgres/session-settings.ts'
import { migrateTo, modelFrom, testBackend } from '../support/backend.ts'
import { HOSTILE, testDatabase } from '../support/database.ts'
import { HOSTILE_SETTINGS, hostileStatements } from '../support/hostile-settings.ts'

/** Settings that any session may change and that do not affect Plinth. */
const OF_NO_CONCERN: Readonly<Record<string, string>> = {
  default_text_search_config: 'searches name their configuration',
  icu_validation_level: 'no collation is created',
  lc_monetary: 'there is no column of type money',
  lc_numeric: 'no number is formatted by the locale',
  lc_time: 'no name of a month is printed',
  timezone_abbreviations: 'times are in UTC, with Z or an offset',
  local_preload_libraries: 'holds before the session begins',
  check_function_bodies: 'only says when a wrong function is refused',
  createrole_self_grant: 'no role is created',
  default_table_access_method: 'the owner of the database chooses where and how tables are stored',
  default_tablespace: 'the owner of the database chooses where and how tables are stored',
  default_toast_compression: 'the owner of the database chooses where and how tables are stored',
  temp_tablespaces: 'the owner of the database chooses where and how tables are stored',
  gin_pending_list_limit: 'affects only the speed',
  restrict_nonsystem_relation_kind: 'no view and no foreign table is read',
  row_security: 'tables of Plinth have no policies',
  transaction_deferrable: 'is the one of the present transaction',
  transaction_isolation: 'is the one of the present transaction',
  transaction_read_only: 'is the one of the present transaction',
  escape_string_warning: 'warns alone',
  synchronize_seqscans: 'lists say their order',
}

const FORMING = ['Client Connection Defaults', 'Version and Platform Compatibility']

describe('a session that migrates', () => {
  it('has a value for every setting that affects how values print or statements are read, or a reason to omit it', async () => {
    const database = await testDatabase()
    try {
      const { rows } = await withClient(database.url, (client) =>
        client.query<{ name: string }>("select name from pg_settings where context = 'user' and split_part(category, ' /', 1) = any ($1)", [
          FORMING,
        ]),
      )
      const known = new Set([...Object.keys(WORK_SETTINGS), ...Object.keys(OF_NO_CONCERN)])
      assert.deepEqual(
        rows.map(({ name }) => name).filter((name) => !known.has(name)),
        [],
      )
      assert.deepEqual(
        Object.keys(WORK_SETTINGS).filter((name) => !(name in HOSTILE_SETTINGS) && name !== 'search_path'),
        [],
      )
    } finally {
      await database.drop()
    }
  })

  it('has its own settings in a database with other settings', async () => {
    const database = await testDatabase()
    try {
      await prepare(database.url)
      const names = Object.keys(WORK_SETTINGS)
      const { rows } = await withClient(database.url, (client) =>
        client.query<{ name: string; value: string }>('select name, current_setting(name) as value from unnest($1::text[]) as name', [
          names,
        ]),
      )
      assert.deepEqual(Object.fromEntries(rows.map(({ name, value }) => [name, value])), WORK_SETTINGS)
    } finally {
      await database.drop()
    }
  })
})

/** The other tests run again unchanged; tests that repeat the same steps with other values run a smaller part. */
const FEWER = { PLINTH_TEST_RUNS: '8', PLINTH_TEST_STRIDE: '12' }

it('the tests of migrations pass in databases with hostile settings', { timeout: 600_000 }, async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => /^(migrate.*|tables)\.test\.ts$/.test(name))
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--test', '--test-concurrency=2', ...files.map((name) => join(import.meta.dirname, name))],
    { env: { ...env, ...FEWER, [HOSTILE]: 'on' }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [output, [code]] = await Promise.all([readText(child.stdout), once(child, 'exit')])
  assert.equal(code, 0, output)
  assert.match(output, /pass [1-9]\d{2,}/)
})

const DESIGN = {
  name: 'forms',
  entities: {
    Thing: {
      fields: {
        number: { type: 'number' },
        decimal: { type: 'decimal', precision: 30, scale: 10 },
        timestamp: { type: 'timestamp' },
        date: { type: 'date' },
        time: { type: 'time' },
        duration: { type: 'duration' },
        json: { type: 'json' },
        path: { type: 'text' },
        texts: { type: 'list', of: { type: 'text' }, max: 5 },
        durations: { type: 'list', of: { type: 'duration' }, max: 5 },
        missing: { type: 'text', optional: true },
      },
      search: ['path'],
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
    },
  },
}

const VALUES = {
  number: 1.7976931348623157e308,
  decimal: '12345678901234567890.0123456789',
  timestamp: '2030-01-02T03:04:05.678Z',
  date: '2030-02-01',
  time: '18:30:00.5',
  duration: 'P1DT2H3M4.5S',
  json: { a: [1.5, 'back\\slash', null] },
  path: "C:\\new\\table 'quoted'",
  texts: ['a"b', 'NULL', 'c\\d'],
  durations: ['P400D', 'PT0.001S'],
  missing: null,
}

it('rows are written and answered in the same form with any settings of the database', async (t) => {
  const model = modelFrom(DESIGN)
  const database = await testDatabase()
  t.after(() => database.drop())
  await prepare(database.url)
  await migrateTo(model, database.url)
  // Plinth does not write to a read-only database; a provider sets read-only when the disk is full.
  const name = new URL(database.url).pathname.slice(1)
  await withClient(database.url, (client) => client.query(`alter database ${name} set default_transaction_read_only = off`))
  const { ask } = await testBackend(t, model, { databaseUrl: database.url })
  const made = await Promise.all(Array.from({ length: 8 }, () => ask('POST', '/api/things', { body: VALUES })))
  assert.deepEqual(
    made.map(({ status }) => status),
    made.map(() => 201),
    made[0]?.text ?? '',
  )
  const { json } = await ask('GET', '/api/things?filter[decimal]=12345678901234567890.0123456789&search=quoted')
  assert.equal(json.data.length, 8)
  for (const row of json.data) assert.deepEqual(pick(row), VALUES)
})

function pick(row: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.keys(VALUES).map((name) => [name, row[name]]))
}

async function prepare(url: string): Promise<void> {
  if (process.env[HOSTILE] !== undefined) return
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(hostileStatements(new URL(url).pathname.slice(1)).join(';'))
  await client.end()
}
