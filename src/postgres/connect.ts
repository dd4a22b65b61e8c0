/** Connections for work outside requests. A callback uses the connection, which is then closed. */

import pg from 'pg'
import { EnvironmentError } from '../base/environment-error.ts'
import { settingStatements, WORK_SETTINGS } from './session-settings.ts'
import { explainError } from './sqlstate.ts'

/** A connection as the callback receives it. */
export type Connection = pg.Client

/** PostgreSQL 15 is the first version with `unique nulls not distinct` and `security_invoker`. The support of older versions ends soon. */
const OLDEST_SERVER = 150_000

/** The timeout of opening a connection, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000

const SERVER = `select pg_catalog.current_setting('server_version_num')::integer as version,
  pg_catalog.current_setting('server_version') as spelled, pg_catalog.current_setting('server_encoding') as encoding`

/**
 * Opens a connection to `url`, passes it to `work` and always closes it. The session is named `plinth`. `WORK_SETTINGS` override the
 * settings of the server, the database and the role.
 *
 * @throws EnvironmentError when the server cannot be reached, refuses the role, is older than PostgreSQL 15 or does not store UTF-8.
 */
export async function withClient<T>(url: string, work: (client: Connection) => Promise<T>): Promise<T> {
  const client = newClient(url)
  // Without this listener, losing an idle connection would end the process. A running query rejects by itself.
  client.on('error', () => {})
  try {
    await client.connect()
    await prepare(client)
  } catch (error) {
    client.end().catch(() => {})
    throw asEnvironmentError(error, url)
  }
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

function newClient(url: string): pg.Client {
  try {
    return new pg.Client({
      connectionString: url,
      application_name: 'plinth',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    })
  } catch (error) {
    throw new EnvironmentError('DATABASE_URL is not a PostgreSQL address', 'write it as postgres://user:password@host:5432/database', {
      cause: error,
    })
  }
}

async function prepare(client: pg.Client): Promise<void> {
  await client.query(settingStatements(WORK_SETTINGS))
  const { rows } = await client.query<{ version: number; spelled: string; encoding: string }>(SERVER)
  const [server] = rows
  if (server === undefined || server.version < OLDEST_SERVER) {
    throw new EnvironmentError(
      `the server is PostgreSQL ${server?.spelled}; Plinth needs 15 or newer`,
      'upgrade it, or point DATABASE_URL at another server',
    )
  }
  if (server.encoding !== 'UTF8') {
    throw new EnvironmentError(
      `the database stores text as ${server.encoding}; Plinth needs UTF8`,
      "create one with: create database … encoding 'UTF8' template template0",
    )
  }
}

const HINTS: Partial<Record<ReturnType<typeof explainError>['kind'], string>> = {
  'cannot-connect': 'check that it runs and that DATABASE_URL names its host and port',
  'connection-lost': 'check that it runs and that DATABASE_URL names its host and port',
  'not-allowed': 'check user, password and database in DATABASE_URL, and that the role may connect',
  'no-database': 'create the database, or name an existing one in DATABASE_URL',
  'too-many-connections': 'raise max_connections or close other connections',
}

function asEnvironmentError(error: unknown, url: string): Error {
  if (error instanceof EnvironmentError) return error
  const explained = explainError(error)
  const hint = HINTS[explained.kind] ?? 'check DATABASE_URL'
  return new EnvironmentError(`cannot connect to PostgreSQL at ${placeOf(url)}: ${explained.message}`, hint, { cause: error })
}

/** Returns host, port and database of a connection URL, without user and password. */
export function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${hostname === '' ? 'a local socket' : hostname}${port === '' ? '' : `:${port}`}${pathname}`
  } catch {
    return 'DATABASE_URL'
  }
}

/**
 * Runs `work` in a transaction: commits when it resolves, rolls back when it rejects, and passes the error on. When the rollback fails too,
 * the connection is closed, because its state is unknown.
 */
export async function withTransaction<T>(client: Connection, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => client.end().catch(() => {}))
    throw error
  }
}
