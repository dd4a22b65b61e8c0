/** The database of a command: the one of DATABASE_URL, or the project's embedded one. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startEmbedded } from '../../postgres/embedded/embedded.ts'
import type { EmbeddedEvent } from '../../postgres/embedded/event.ts'
import type { Io } from '../terminal/command.ts'

/** A database that the command uses until `release`. */
export interface DatabaseInUse {
  readonly url: string
  readonly kind: 'external' | 'embedded'
  /** Ends the use. An embedded server stops unless another process uses it. */
  release(): Promise<void>
}

/** Which database to use. */
export interface DatabaseWish {
  /** DATABASE_URL; null for the embedded one. */
  readonly url: string | null
  /** The folder of the design; the embedded data are below it. */
  readonly folder: string
  readonly onProgress: (event: EmbeddedEvent) => void
}

/** Returns which database a design uses; progress goes to the command's observer. */
export function databaseOf(design: { readonly path: string }, url: string | null, io: Pick<Io, 'observe'>): DatabaseWish {
  return { url, folder: dirname(design.path), onProgress: (event) => io.observe({ kind: 'database', event }) }
}

/** Starts the embedded server; does not yet connect to an external one. @throws EnvironmentError when the embedded server cannot start. */
export async function openDatabase({ url, folder, onProgress }: DatabaseWish): Promise<DatabaseInUse> {
  if (url !== null) return { url, kind: 'external', release: async () => {} }
  const embedded = await startEmbedded({ folder, onProgress })
  return { url: embedded.url, kind: 'embedded', release: () => embedded.stop() }
}

/** Opens the database, passes it to `work` and always releases it. @throws EnvironmentError when the embedded server cannot start. */
export async function withDatabase<T>(wish: DatabaseWish, work: (database: DatabaseInUse) => Promise<T>): Promise<T> {
  const database = await openDatabase(wish)
  try {
    return await work(database)
  } finally {
    await database.release()
  }
}

/** Returns the folder for files of a project that are not source: `.plinth` beside the design. */
export function stateFolder(designFile: string): string {
  return join(dirname(designFile), '.plinth')
}

/** Whether the project has an embedded database. */
export function hasEmbeddedData(designFile: string): boolean {
  return existsSync(join(stateFolder(designFile), 'postgres', 'password'))
}
