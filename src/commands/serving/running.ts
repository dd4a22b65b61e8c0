/** The life of a serving process, the same for development and production: take the port, open the database, serve, give everything up in order. */

import type { Backend } from '../../server/backend.ts'
import { type DrainTimes, type RunningServer, startServer } from '../../server/process/server.ts'
import { holdRequests, type Starting } from '../../server/process/starting.ts'
import { type DatabaseInUse, databaseOf, withDatabase } from '../setup/database.ts'
import type { Settings } from '../setup/settings.ts'
import type { Io } from '../terminal/command.ts'

export interface Running {
  readonly server: RunningServer
  /** Holds early requests until it is released to a backend. */
  readonly starting: Starting
  readonly database: DatabaseInUse
}

export interface RunningOptions {
  readonly settings: Settings
  readonly design: { readonly path: string }
  readonly times: DrainTimes
}

const AT_ONCE: DrainTimes = { noticeMs: 0, drainMs: 0 }

/**
 * Listens, opens the database and lends both to `work`. When `work` is done, requests under way are finished; when it throws, they are cut. The port is
 * taken first, because it is what most often is not to be had, and knowing so takes no time.
 *
 * @throws EnvironmentError for a port or a database that is not to be had; whatever `work` throws.
 */
export async function whileRunning<T>(options: RunningOptions, io: Io, work: (running: Running) => Promise<T>): Promise<T> {
  const { settings, design, times } = options
  const starting = holdRequests()
  const server = await startServer({ host: settings.host, port: settings.port, backend: starting })
  try {
    return await withDatabase(databaseOf(design, settings.databaseUrl, io), async (database) => {
      try {
        const result = await work({ server, starting, database })
        await server.drain(times)
        return result
      } finally {
        // The database goes last: whatever still uses it is closed before.
        await server.drain(AT_ONCE)
      }
    })
  } finally {
    await server.drain(AT_ONCE)
  }
}

/** How long a server that has just begun to answer is left alone with its first requests. */
const PRELOAD_AFTER_MS = 300

/** Loads what the first request that needs it would wait for, once the first requests of all are likely to be answered. Keeps no process alive. */
export function preloadSoon(backend: Pick<Backend, 'preload'>): void {
  setTimeout(() => void backend.preload(), PRELOAD_AFTER_MS).unref()
}

/** Resolves when the process is asked to stop. */
export function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
}
