/**
 * The PostgreSQL server with the databases of tests. Each process uses one: the first test opens it, and the end of the process releases
 * it.
 */

import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startEmbedded } from '../../postgres/embedded/embedded.ts'

/** The PostgreSQL server of tests. */
export interface TestServer {
  /** The address of a database on the server. Its role may create databases. The address changes when an embedded server restarts. */
  readonly url: () => string
  /** The address of a role that may create roles, where `url` may not; null where there is none. It only sets databases up. */
  readonly administratorUrl: () => string | null
  /**
   * How the server copies a database. `file_copy` writes half as much as `wal_log`, but needs two checkpoints. Checkpoints are cheap only
   * when the server does not wait for the disk.
   */
  readonly strategy: 'file_copy' | 'wal_log'
}

/** The server that tests use. */
export interface TestServerOptions {
  /** The address of a database on an existing server; null for an embedded server. */
  readonly databaseUrl: string | null
  /** The project's folder. The embedded server for tests keeps its data there, separate from the data of `plinth up`. */
  readonly folder: string
}

const servers = new Map<string, Promise<TestServer>>()

/**
 * Opens the server, or returns the server that this process has already opened. An embedded server stops after the last process that uses
 * it.
 *
 * @throws EnvironmentError when an embedded server cannot start. It does not connect to another server yet.
 */
export function testServer(options: TestServerOptions): Promise<TestServer> {
  const { databaseUrl } = options
  const folder = join(resolve(options.folder), '.plinth', 'testing')
  const key = databaseUrl ?? folder
  const known = servers.get(key)
  if (known !== undefined) return known
  const opened = databaseUrl === null ? embeddedIn(folder) : existing(databaseUrl)
  servers.set(key, opened)
  opened.catch(() => servers.delete(key))
  return opened
}

async function existing(url: string): Promise<TestServer> {
  return { url: () => url, administratorUrl: () => null, strategy: 'wal_log' }
}

/** Starts the embedded server. The lease does not keep the process alive; it ends with the process. */
async function embeddedIn(folder: string): Promise<TestServer> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const embedded = await startEmbedded({ folder, durability: 'none' })
  return { url: () => embedded.url, administratorUrl: () => embedded.administratorUrl, strategy: 'file_copy' }
}
