/** Databases for tests: empty, on a real server, dropped after the test. */

import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createDatabase } from '../../src/embed/throwaway/databases.ts'
import { type TestServer, testServer as templateServer } from '../../src/embed/throwaway/server.ts'
import type { Model } from '../../src/model/model.ts'
import { startEmbedded } from '../../src/postgres/embedded/embedded.ts'
import { hostileStatements } from './hostile-settings.ts'

export interface TestDatabase {
  readonly url: string
  /** Ends all connections to the database and drops it. */
  readonly drop: () => Promise<void>
}

/** The address of another server for the tests. Its role must be allowed to create databases. */
const SERVER = 'PLINTH_TEST_DATABASE_URL'

/** With this variable, every database that `testDatabase` makes has hostile settings. */
export const HOSTILE = 'PLINTH_TEST_HOSTILE_SETTINGS'

/** Makes a database with the tables of a model: a copy of a template, as `plinth/testing` makes it. */
export async function migratedDatabase(model: Model): Promise<TestDatabase> {
  return createDatabase(await throwawayServer(), model)
}

/** The server of the databases of `migratedDatabase`. */
export async function throwawayServer(): Promise<TestServer> {
  const url = process.env[SERVER]
  return templateServer({ databaseUrl: url === undefined || url === '' ? null : url, folder: await sharedFolder() })
}

/**
 * Makes an empty database. Test files that run at the same time share one embedded server, which stops after the last process. It is not
 * the server of `migratedDatabase`, so a test may change all templates on it.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await testServer()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(server.url, `create database ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  if (process.env[HOSTILE] !== undefined) await onServer(url.href, hostileStatements(name).join(';'))
  return {
    url: url.href,
    drop: async () => {
      await onServer(server.url, `drop database if exists ${name} with (force)`)
    },
  }
}

let embedded: Promise<{ readonly url: string }> | null = null

/** A process starts or joins the embedded server once, and uses it until it ends, for each start takes a second of processor time. */
function testServer(): Promise<{ readonly url: string }> {
  const url = process.env[SERVER]
  if (url !== undefined && url !== '') return Promise.resolve({ url })
  embedded ??= sharedFolder().then((folder) => startEmbedded({ folder, durability: 'none' }))
  return embedded
}

async function sharedFolder(): Promise<string> {
  const folder = join(tmpdir(), `plinth-test-${userInfo().username}`)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  return folder
}

async function onServer(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
