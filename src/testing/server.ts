/**
 * The PostgreSQL server that holds the databases of tests. One a process: it is opened by the first test and
 * given up when the process ends.
 */

import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { startEmbedded } from '../postgres/embedded/embedded.ts'

/** The PostgreSQL server of tests. */
export interface TestServer {
  /**
   * Address of a database of the server from which others are created. The role may create databases. Changes
   * when an embedded server restarts.
   */
  readonly url: () => string
  /**
   * How it copies a database. `file_copy` writes half as much as `wal_log`, but needs two checkpoints. These are cheap only where the
   * server does not wait for the disk.
   */
  readonly strategy: 'file_copy' | 'wal_log'
}

/** Which server tests use. */
export interface TestServerOptions {
  /** A database on a server of the caller's; null for an embedded one. */
  readonly databaseUrl: string | null
  /** The project's folder. The embedded server for tests keeps its data there, apart from those of `plinth up`. */
  readonly folder: string
}

const servers = new Map<string, Promise<TestServer>>()

/**
 * Opens the server, or returns the one that this process has opened. An embedded server ends with the last process that uses it.
 *
 * @throws EnvironmentError when an embedded server cannot start. Another server is not asked yet.
 */
export function testServer(options: TestServerOptions): Promise<TestServer> {
  const { databaseUrl } = options
  const folder = join(resolve(options.folder), '.plinth', 'testing')
  const key = databaseUrl ?? folder
  const known = servers.get(key)
  if (known !== undefined) return known
  const opened = databaseUrl === null ? embeddedIn(folder) : Promise.resolve({ url: () => databaseUrl, strategy: 'wal_log' } as const)
  servers.set(key, opened)
  opened.catch(() => servers.delete(key))
  return opened
}

/** The lease of the server does not keep the process alive, and the process gives it back by ending. */
async function embeddedIn(folder: string): Promise<TestServer> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const embedded = await startEmbedded({ folder, durability: 'none' })
  return { url: () => embedded.url, strategy: 'file_copy' }
}
