/**
 * The program of the keeper, a small process that runs one embedded PostgreSQL. It is a separate process for two reasons: it shuts the
 * server down after a Plinth process is killed, and it runs on while other Plinth processes use the server. It receives its job over the
 * channel of `fork`, so it reads no arguments and sets no exit code.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EnvironmentError } from '../../base/environment-error.ts'
import { prepareBinaries, removeOldCopies } from './binaries.ts'
import { admitOrdinaryRoles, initialise, isInitialised, refuseUnsafe } from './cluster.ts'
import type { Durability, EmbeddedEvent, Failed, KeeperJob, KeeperReport } from './event.ts'
import { type Leases, openLeases } from './leases.ts'
import { takeLock } from './lock.ts'
import { loadPassword, resetPassword } from './password-file.ts'
import { readPidFile } from './pidfile.ts'
import { claimData, type Place, resolvePlace } from './place.ts'
import { hasRoom, isOutOfRoom, outOfRoom } from './room.ts'
import { adoptPostmaster, type Postmaster, type StartOptions, startPostmaster } from './server.ts'
import { socketFolders } from './socket.ts'

const RESTARTS = 5
const RESTART_WINDOW_MS = 60_000
/** Milliseconds between two checks of a full disk. */
const ROOM_POLL_MS = 1_000

/**
 * The keeper ignores signals and runs until all leases end, because a Plinth process that drains after a signal still needs the database.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.umask(0o077)
process.once('message', (job: KeeperJob) => void keep(job))

async function keep({ here, durability }: KeeperJob): Promise<void> {
  try {
    const lock = takeLock(join(here, 'lock'))
    if (lock === undefined) return tell({ kind: 'busy' })
    try {
      await keepLocked(here, durability)
    } finally {
      lock.release()
    }
  } catch (error) {
    tell(failureOf(isOutOfRoom(error) ? outOfRoom(here, error) : error))
  } finally {
    if (process.connected) process.disconnect?.()
  }
}

async function keepLocked(here: string, durability: Durability): Promise<void> {
  process.title = `plinth: PostgreSQL of ${here}`
  const place = await resolvePlace(here)
  await claimData(place)
  const sockets = await socketFolders(place)
  const leases = await openLeases(here, sockets?.keeper)
  tell({ kind: 'listening' })
  try {
    await serve(place, leases, { sockets: sockets?.server, durability })
  } catch (error) {
    leases.announce(failureOf(isOutOfRoom(error) ? outOfRoom(place.home, error) : error))
  } finally {
    await leases.close()
  }
}

/** Starts the server, restarts it after a crash, and stops it when no process holds a lease. Returns when the server has stopped. */
async function serve(place: Place, leases: Leases, how: StartOptions): Promise<void> {
  const tellAll = (event: EmbeddedEvent) => leases.announce({ kind: 'progress', event })
  const abandoned = new Promise<'abandoned'>((resolve) => leases.abandoned.addEventListener('abort', () => resolve('abandoned')))
  const startServer = await prepare(place, leases, how)
  const crashes: number[] = []
  tellAll({ kind: (await readPidFile(place.data)) === undefined ? 'starting' : 'recovering' })
  for (let server = await startServer(); ; ) {
    leases.announce({ kind: 'running', pid: server.pid, address: server.address })
    const end = leases.abandoned.aborted ? 'abandoned' : await Promise.race([server.exited, abandoned])
    if (end === 'abandoned') return server.stop()
    if (end === 'stopped') throw new EnvironmentError('another program stopped the embedded PostgreSQL', 'Start Plinth again.')
    // A server that stops because the disk is full is restarted when the disk has room.
    if (await hasRoom(place.home)) crashes.push(performance.now())
    if (crashes.length > RESTARTS && performance.now() - (crashes.at(-RESTARTS - 1) ?? 0) < RESTART_WINDOW_MS) {
      throw new EnvironmentError('the embedded PostgreSQL crashes repeatedly', `See ${join(place.home, 'server.log')}.`)
    }
    const restarted = await restart(place, leases, startServer)
    if (restarted === null) return
    server = restarted
  }
}

/** Starts the server again when the disk has room. Resolves with null when no process holds a lease. */
async function restart(place: Place, leases: Leases, startServer: () => Promise<Postmaster>): Promise<Postmaster | null> {
  for (let told = false; !leases.abandoned.aborted; ) {
    if (await hasRoom(place.home)) {
      leases.announce({ kind: 'progress', event: { kind: 'recovering' } })
      try {
        return await startServer()
      } catch (error) {
        if (!isOutOfRoom(error)) throw error
      }
    }
    if (!told) leases.announce({ kind: 'progress', event: { kind: 'disk-full', folder: place.home } })
    told = true
    await sleep(ROOM_POLL_MS)
  }
  return null
}

/** Prepares the first start. Returns a function that starts the server, or takes over a server that still runs. */
async function prepare(place: Place, leases: Leases, how: StartOptions): Promise<() => Promise<Postmaster>> {
  const tellAll = (event: EmbeddedEvent) => leases.announce({ kind: 'progress', event })
  const password = await loadPassword(place.here)
  const binaries = await prepareBinaries(place, (to) => tellAll({ kind: 'copying', to }))
  let resetting = password.made
  if (!(await isInitialised(place))) {
    tellAll({ kind: 'initialising', folder: place.data })
    await initialise(place, binaries, { password: password.value, signal: leases.abandoned })
    resetting = false
  }
  await refuseUnsafe(place, binaries)
  if (how.durability === 'none') await admitOrdinaryRoles(place)
  return async () => {
    const adopted = await adoptPostmaster(place, binaries)
    const server = adopted ?? (await startPostmaster(place, binaries, how))
    try {
      if (adopted === undefined) await removeOldCopies(place, binaries)
      if (resetting) await resetPassword(server.address, password)
      resetting = false
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }
}

function tell(report: KeeperReport): void {
  if (process.connected) process.send?.(report)
}

function failureOf(error: unknown): Failed {
  if (error instanceof EnvironmentError) return { kind: 'failed', message: error.message, hint: error.hint }
  const text = error instanceof Error ? error.message : String(error)
  return {
    kind: 'failed',
    message: `the embedded PostgreSQL failed: ${text}`,
    hint: 'Correct the problem, or set DATABASE_URL to a PostgreSQL server.',
  }
}
