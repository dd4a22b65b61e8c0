/** The database that a command works on: the one that DATABASE_URL names, or the project's embedded one. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startEmbedded } from '../../postgres/embedded/embedded.ts'
import type { EmbeddedEvent } from '../../postgres/embedded/event.ts'
import type { Io } from '../terminal/command.ts'

export interface DatabaseInUse {
  readonly url: string
  readonly kind: 'external' | 'embedded'
  /** Gives it up; an embedded one that nobody else uses stops. */
  release(): Promise<void>
}

export interface DatabaseWish {
  /** DATABASE_URL; null for the embedded one. */
  readonly url: string | null
  /** The folder of the design, which the embedded data belong to. */
  readonly folder: string
  readonly onProgress: (event: EmbeddedEvent) => void
}

/** The database of a design, with the command's observer to report to. */
export function databaseOf(design: { readonly path: string }, url: string | null, io: Pick<Io, 'observe'>): DatabaseWish {
  return { url, folder: dirname(design.path), onProgress: (event) => io.observe({ kind: 'database', event }) }
}

/** @throws EnvironmentError when the embedded one cannot start. An external one is not asked yet. */
export async function openDatabase({ url, folder, onProgress }: DatabaseWish): Promise<DatabaseInUse> {
  if (url !== null) return { url, kind: 'external', release: async () => {} }
  const embedded = await startEmbedded({ folder, onProgress })
  return { url: embedded.url, kind: 'embedded', release: () => embedded.stop() }
}

/** Opens the database, lends it to `work` and gives it up, whatever happens. */
export async function withDatabase<T>(wish: DatabaseWish, work: (database: DatabaseInUse) => Promise<T>): Promise<T> {
  const database = await openDatabase(wish)
  try {
    return await work(database)
  } finally {
    await database.release()
  }
}

/** The project's own folder for what is not source. */
export function stateFolder(designFile: string): string {
  return join(dirname(designFile), '.plinth')
}

/** Whether the project has had an embedded database, so that a plan has something to start from. */
export function hasEmbeddedData(designFile: string): boolean {
  return existsSync(join(stateFolder(designFile), 'postgres', 'password'))
}
