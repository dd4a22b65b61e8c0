/**
 * The steps of a serving process, in development and production: take the port, open the database, serve, then release everything in order.
 */

import type { Backend } from '../../server/backend.ts'
import { type DrainTimes, type RunningServer, type ServerOptions, startServer } from '../../server/process/server.ts'
import { holdRequests, type Starting } from '../../server/process/starting.ts'
import { type DatabaseInUse, databaseOf, withDatabase } from '../setup/database.ts'
import type { Settings } from '../setup/settings/settings.ts'
import type { Io } from '../terminal/command.ts'
import { reportStrayErrors } from './stray-errors.ts'

/** A server and its database. */
export interface Running {
  readonly server: RunningServer
  /** Holds early requests until a backend is ready. */
  readonly starting: Starting
  readonly database: DatabaseInUse
}

/** What to run. */
export interface RunningOptions {
  readonly settings: Settings
  readonly design: { readonly path: string }
  readonly times: DrainTimes
  /** Called with each request that is refused because the event loop is late. */
  readonly onShed?: ServerOptions['onShed']
}

const AT_ONCE: DrainTimes = { noticeMs: 0, drainMs: 0 }

/**
 * Listens, opens the database and passes both to `work`. When `work` ends, running requests finish; when it throws, they are aborted. It
 * takes the port first, because a port in use is the most frequent problem and is detected at once.
 *
 * @throws EnvironmentError for a port in use or a database that cannot be used; the errors of `work`.
 */
export async function whileRunning<T>(options: RunningOptions, io: Io, work: (running: Running) => Promise<T>): Promise<T> {
  const { settings, design, times } = options
  const starting = holdRequests()
  const { host, port, corsOrigins: origins, shedLagMs } = settings
  const onShed = options.onShed === undefined ? {} : { onShed: options.onShed }
  const server = await startServer({ host, port, backend: starting, origins, shedLagMs, ...onShed })
  const stopReporting = reportStrayErrors(io)
  try {
    return await withDatabase(databaseOf(design, settings.databaseUrl, io), async (database) => {
      try {
        const result = await work({ server, starting, database })
        await server.drain(times)
        return result
      } finally {
        // The database is released last, after everything that uses it.
        await server.drain(AT_ONCE)
      }
    })
  } finally {
    await server.drain(AT_ONCE)
    stopReporting()
  }
}

/** Milliseconds before preloading, so that it does not delay the first requests. */
const PRELOAD_AFTER_MS = 300

/** Loads the modules of the first requests, 300 ms after the start. Does not keep the process alive. */
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
