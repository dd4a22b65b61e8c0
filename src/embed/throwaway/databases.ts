/**
 * Databases for tests. The tables of a design are made once, in a template database, and each test gets a copy of it. The name of the
 * template contains the digest of the schema, so processes that test the same design share it.
 */

import { randomBytes } from 'node:crypto'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { Model } from '../../model/model.ts'
import { type Connection, placeOf, withClient } from '../../postgres/connect.ts'
import { migrate } from '../../postgres/migrate/migrate.ts'
import { hashOf } from '../../postgres/migrate/migration-record.ts'
import { quoted } from '../../postgres/schema/ddl.ts'
import { explainError } from '../../postgres/sqlstate.ts'
import { databasesOf } from '../databases.ts'
import { ownPackage } from '../own-package.ts'
import { hasEnded, ownerName } from './owner.ts'
import type { TestServer } from './server.ts'

/** The database of one test. */
export interface TestDatabase {
  readonly url: string
  /** Ends all connections to the database and drops it. */
  readonly drop: () => Promise<void>
}

/**
 * Every database of this module has this comment, followed by the time of its last use and the process that made or used it. The module
 * never changes or drops a database without the comment.
 */
const MARK = 'made by plinth/testing at '
const COPY_PREFIX = 'plinth_test_'
const TEMPLATE_PREFIX = 'plinth_template_'

/** Copies of processes that may still run, and unused templates, are dropped after this many hours without use. */
const KEPT_HOURS = { copy: 6, template: 7 * 24 } as const

/** The maximum number of templates. The least recently used are dropped, because each change to a design leaves a template of 8 MB. */
const KEPT_TEMPLATES = 20

/** The names of complete templates by digest, for each server. */
const templates = new WeakMap<TestServer, Map<string, Promise<string>>>()

/**
 * Makes a database with the tables of a model and no rows.
 *
 * @throws EnvironmentError when the server cannot be reached or its role may not create databases.
 */
export async function createDatabase(server: TestServer, model: Model): Promise<TestDatabase> {
  const name = newName()
  await copyTemplate(server, model, name)
  return databaseOf(server, name)
}

/** Makes a database without any tables. @throws as `createDatabase`. */
export async function createEmptyDatabase(server: TestServer): Promise<TestDatabase> {
  const name = newName()
  await onServer(server, (client) => create(client, name, `template0 encoding 'UTF8' strategy ${server.strategy}`))
  return databaseOf(server, name)
}

function databaseOf(server: TestServer, name: string): TestDatabase {
  return { url: urlOf(server, name), drop: () => onServer(server, (client) => drop(client, name)) }
}

async function copyTemplate(server: TestServer, model: Model, name: string): Promise<void> {
  const copy = async (template: string): Promise<void> =>
    onServer(server, (client) => create(client, name, `${quoted(template)} strategy ${server.strategy}`))
  try {
    await copy(await templateOf(server, model))
  } catch (error) {
    if (explainError(error).kind !== 'no-database') throw error
    // Another process has dropped the template after this process found it.
    templates.get(server)?.clear()
    await copy(await templateOf(server, model))
  }
}

function templateOf(server: TestServer, model: Model): Promise<string> {
  let known = templates.get(server)
  if (known === undefined) {
    known = new Map()
    templates.set(server, known)
  }
  const digest = hashOf(databasesOf(model), ownPackage().version).slice(0, 24)
  const ready = known.get(digest) ?? findOrBuild(server, model, `${TEMPLATE_PREFIX}${digest}`)
  known.set(digest, ready)
  ready.catch(() => known.delete(digest))
  return ready
}

/** Finds the template, or builds it. Only one process builds it; the others wait and then find it. */
async function findOrBuild(server: TestServer, model: Model, name: string): Promise<string> {
  return onServer(server, async (client) => {
    await client.query("select set_config('statement_timeout', '0', false), pg_advisory_lock(hashtext($1), 1886153070)", [name])
    await dropUnused(client)
    if (await isThere(client, name)) {
      await mark(client, name)
      return name
    }
    // The template gets its name after it is complete, so every existing template can be used.
    const unfinished = newName()
    await create(client, unfinished, `template0 encoding 'UTF8' strategy ${server.strategy}`)
    try {
      await addTables(model, urlOf(server, unfinished))
      await client.query(`alter database ${quoted(unfinished)} rename to ${quoted(name)}`)
    } catch (error) {
      await drop(client, unfinished)
      throw error
    }
    return name
  })
}

/** @throws EnvironmentError when a database of this name was not made by this module. */
async function isThere(client: Connection, name: string): Promise<boolean> {
  const { rows } = await client.query<{ comment: string | null }>(
    "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1",
    [name],
  )
  const [found] = rows
  if (found === undefined) return false
  if (found.comment?.startsWith(MARK) === true) return true
  throw new EnvironmentError(`the database ${name} was not made by plinth/testing`, 'drop or rename it, or test on another server')
}

async function addTables(model: Model, url: string): Promise<void> {
  const outcome = await migrate({ url, databases: databasesOf(model), version: ownPackage().version, run: 'apply' })
  if (outcome.kind !== 'applied') throw new Error(`an empty database was not migrated: ${outcome.kind}`)
}

/** @param template its quoted name, and options. @throws EnvironmentError when the role may not create databases. */
async function create(client: Connection, name: string, template: string): Promise<void> {
  try {
    await client.query(`create database ${quoted(name)} template ${template}`)
  } catch (error) {
    if (explainError(error).kind !== 'not-allowed') throw error
    throw new EnvironmentError('the role of the test server may not create databases', 'alter role … createdb, or use another role', {
      cause: error,
    })
  }
  await mark(client, name)
}

async function mark(client: Connection, name: string): Promise<void> {
  await client.query(`comment on database ${quoted(name)} is '${MARK}${new Date().toISOString()} by ${ownerName()}'`)
}

async function drop(client: Connection, name: string): Promise<void> {
  await client.query(`drop database if exists ${quoted(name)} with (force)`)
}

/**
 * The databases to drop: databases of this role with the mark and without connections that are old, and templates beyond the maximum
 * number.
 */
const UNUSED = `with made as (
    select oid, datname, starts_with(datname, $2) as is_copy,
      split_part(substr(shobj_description(oid, 'pg_database'), length($1) + 1), ' ', 1)::timestamptz as used_at
    from pg_database where starts_with(shobj_description(oid, 'pg_database'), $1) and datdba = to_regrole(quote_ident(current_user))),
  placed as (select *, row_number() over (partition by is_copy order by used_at desc) as place from made)
  select datname as name from placed
  where (used_at < now() - make_interval(hours => case when is_copy then $3::integer else $4::integer end) or not is_copy and place > $5)
    and not exists (select from pg_stat_activity a where a.datid = placed.oid)`

/** The copies of this role with the mark, and the processes that made them. */
const COPIES = `select datname as name, split_part(shobj_description(oid, 'pg_database'), ' by ', 3) as owner
  from pg_database where starts_with(shobj_description(oid, 'pg_database'), $1) and starts_with(datname, $2)
    and datdba = to_regrole(quote_ident(current_user))`

async function dropUnused(client: Connection): Promise<void> {
  const copies = await client.query<{ name: string; owner: string }>(COPIES, [MARK, COPY_PREFIX])
  // Programs that a killed process has started may still be connected.
  for (const { name } of copies.rows.filter(({ owner }) => hasEnded(owner))) await drop(client, name).catch(() => {})
  const values = [MARK, COPY_PREFIX, KEPT_HOURS.copy, KEPT_HOURS.template, KEPT_TEMPLATES]
  const { rows } = await client.query<{ name: string }>(UNUSED, values)
  // Another process may drop or use the database at the same moment.
  for (const { name } of rows) await client.query(`drop database if exists ${quoted(name)}`).catch(() => {})
}

function newName(): string {
  return `${COPY_PREFIX}${randomBytes(8).toString('hex')}`
}

function onServer<T>(server: TestServer, work: (client: Connection) => Promise<T>): Promise<T> {
  return withClient(server.url(), work)
}

/** The address of another database on the server. */
function urlOf(server: TestServer, name: string): string {
  const base = server.url()
  if (!URL.canParse(base))
    throw new EnvironmentError(`${placeOf(base)} is not an address`, 'write it as postgres://user:password@host:5432/database')
  const url = new URL(base)
  url.pathname = `/${name}`
  return url.href
}
