/** Backends of designs with actions, for tests. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import pg from 'pg'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { type Answered, type Ends, type TestBackend, testBackend } from '../support/backend.ts'

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

/** Customers of the bank, the IBANs of their accounts, one for each, and the backend. */
export interface Bank {
  readonly world: TestBackend
  readonly owners: readonly Person[]
  readonly ibans: readonly string[]
}

/** Opens the bank with some accounts that have the same balance. */
export async function openBank(t: Ends, { accounts = 2, balance = 100 } = {}): Promise<Bank> {
  const world = await openDesign(t, 'bank.yaml')
  const numbers = Array.from({ length: accounts }, (_, i) => i)
  const owners = await insertPeople(
    world,
    'customers',
    numbers.map((i) => ({ name: `owner ${i}`, email: `owner${i}@example.org` })),
  )
  const ibans = numbers.map((i) => `DE${String(i).padStart(20, '0')}`)
  await insertRows(
    world,
    'accounts',
    numbers.map((i) => ({ iban: ibans[i], owner_id: owners[i]?.id, balance })),
  )
  return { world, owners, ibans }
}

/** Waits until so many statements wait for locks. */
export async function areWaiting({ sql }: TestBackend, statements: number): Promise<void> {
  const count = "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
  while (((await sql(count))[0]?.n as number) < statements) await new Promise((resolve) => setTimeout(resolve, 20))
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
    await areWaiting(world, waiting)
    await client.query(then)
    await client.query('commit')
  } finally {
    await client.end()
  }
}

/** Calls an action while another transaction has run `sql`. That one runs `then` and commits when the action waits. Returns the answer. */
export async function waiting(
  world: TestBackend,
  { sql, then = '' }: { readonly sql: string; readonly then?: string },
  call: () => Promise<Answered>,
): Promise<Answered> {
  let asked: Promise<Answered> | null = null
  await whileLocked(world, sql, {
    waiting: 1,
    begin: () => {
      asked = call()
    },
    then,
  })
  assert.ok(asked !== null)
  return asked
}

/** Makes a function that sends a POST to a path below `/api/`, with the token of a person. */
export function asking(world: TestBackend) {
  return (person: Person | undefined, path: string, body: unknown = {}): Promise<Answered> =>
    world.ask('POST', `/api/${path}`, { token: person?.token, body })
}
