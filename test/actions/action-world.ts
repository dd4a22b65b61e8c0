/** Backends of designs with actions, for tests. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import pg from 'pg'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { BackendOptions } from '../../src/server/backend.ts'
import { type Ends, type TestBackend, testBackend } from '../support/backend.ts'

/** Starts a backend of a design in the folder `designs`. */
export async function openDesign(t: Ends, file: string, options: Partial<BackendOptions> = {}): Promise<TestBackend> {
  const read = await readDesign(join(import.meta.dirname, 'designs', file))
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, diagnostics.map(({ message }) => message).join('\n'))
  return testBackend(t, model, options)
}

/** An account, and a token of it. */
export interface Person {
  readonly id: string
  readonly token: string
}

/** Inserts rows without rules, each with its values by column; returns their ids. */
export async function insertRows(
  world: TestBackend,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const row of rows) {
    const columns = Object.keys(row)
    const names = [...columns, 'id', 'created_at', 'updated_at', 'version'].join(', ')
    const values = [...columns.map((_, i) => `$${i + 1}`), 'gen_random_uuid()', 'now()', 'now()', '1'].join(', ')
    const [made] = await world.sql(`insert into ${table} (${names}) values (${values}) returning id`, Object.values(row))
    ids.push(String(made?.id))
  }
  return ids
}

/** Inserts accounts and signs each of them in. */
export async function insertPeople(
  world: TestBackend,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly Person[]> {
  const ids = await insertRows(
    world,
    table,
    rows.map((row) => ({ password: 'x', ...row })),
  )
  return Promise.all(ids.map(async (id) => ({ id, token: await world.tokenFor(id) })))
}

/** Runs SQL, and when `waiting` other sessions wait for its locks, runs `then` and commits. */
export async function whileLocked(
  world: TestBackend,
  sql: string,
  { waiting, begin, then = '' }: { waiting: number; begin: () => void; then?: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: world.databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(sql)
    begin()
    const count = "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while (((await world.sql(count))[0]?.n as number) < waiting) await new Promise((resolve) => setTimeout(resolve, 20))
    await client.query(then)
    await client.query('commit')
  } finally {
    await client.end()
  }
}
