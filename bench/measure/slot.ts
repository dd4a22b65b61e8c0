/**
 * Measures one server in one slot. In each round every server gets a slot for each load, one right after the other, so that a disturbance
 * of the machine affects all of them.
 */

import { machineBusy, type Usage, usageOf } from '../../src/verify/performance/load/processes.ts'
import type { Database } from '../database/database.ts'
import type { Loader } from '../load/loader.ts'
import type { Operation } from '../requests/operations.ts'
import type { ServerName } from '../servers/servers.ts'
import type { Started } from '../servers/start.ts'

/** A load that servers are compared under. */
export interface Load {
  readonly operation: Operation
  readonly connections: number
  /** Requests a second; null for as many as possible. */
  readonly rate: number | null
  /** Further connections that sign in all the time, which are not counted; absent for none. */
  readonly logins?: number
}

/** What one server did in one slot. */
export interface Slot<Name extends string = ServerName> extends Load {
  readonly round: number
  readonly server: Name
  readonly seconds: number
  readonly requests: number
  readonly failed: number
  readonly statuses: readonly number[]
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** Processor time in seconds. */
  readonly cpu: { readonly server: number | null; readonly postgres: number | null; readonly load: number }
  /** Bytes at the end of the slot: of the server's process (RSS), and of all of PostgreSQL (PSS). */
  readonly memory: { readonly server: number | null; readonly postgres: number | null }
  /** The number of processors that other processes of the machine used meanwhile. */
  readonly others: number | null
}

/** Seconds of load before a slot, which are not measured, and seconds of the slot. */
export interface Times {
  readonly warmSeconds: number
  readonly slotSeconds: number
}

/** What all slots of a run share. */
export interface Bench<Name extends string = ServerName> {
  readonly database: Database
  readonly loader: Loader
  readonly times: Times
  /** The name of the sample whose tokens a server accepts. */
  readonly sampleOf: (server: Started<Name>) => string
  /** The number of retries that are left for slots which other processes have disturbed. */
  patience: number
}

/** How often one slot is tried. The least disturbed try counts. */
const MOST_TRIES = 3
/** A slot is disturbed when other processes took more than this share of one processor. */
const DISTURBED = 0.15

interface At {
  readonly load: Load
  readonly round: number
}

/** Measures a server for one slot under a load; tries a disturbed slot again while retries are left. */
export async function runSlot<Name extends string>(bench: Bench<Name>, server: Started<Name>, at: At): Promise<Slot<Name>> {
  let best = await trySlot(bench, server, at)
  for (let tries = 1; tries < MOST_TRIES && bench.patience > 0 && (best.others ?? 0) > DISTURBED; tries++) {
    bench.patience--
    const next = await trySlot(bench, server, at)
    if ((next.others ?? 0) < (best.others ?? 0)) best = next
  }
  return best
}

async function trySlot<Name extends string>(bench: Bench<Name>, server: Started<Name>, { load, round }: At): Promise<Slot<Name>> {
  const { loader, times, database } = bench
  const job = { port: server.port, dialect: server.server.dialect, sample: bench.sampleOf(server), ...load }
  await loader.run({ ...job, seconds: times.warmSeconds, seed: round * 2 + 1 })
  const before = usages(server, database)
  const counted = await loader.run({ ...job, seconds: times.slotSeconds, seed: round * 2 })
  const after = usages(server, database)
  const { kind: _, cpu: loadCpu, ...counts } = counted
  const cpu = {
    server: difference(before.server?.cpu, after.server?.cpu),
    postgres: difference(before.postgres?.cpu, after.postgres?.cpu),
    load: loadCpu,
  }
  const busy = difference(before.busy, after.busy)
  return {
    round,
    server: server.name,
    ...load,
    ...counts,
    perSecond: counted.requests / counted.seconds,
    cpu,
    memory: { server: after.server?.resident ?? null, postgres: after.postgres?.memory ?? null },
    others: busy === null ? null : Math.max(0, busy - (cpu.server ?? 0) - (cpu.postgres ?? 0) - loadCpu) / counted.seconds,
  }
}

interface Usages {
  readonly server: Usage | null
  readonly postgres: Usage | null
  readonly busy: number | null
}

function usages(server: { readonly pid: number }, database: Database): Usages {
  return { server: usageOf(server.pid), postgres: usageOf(database.pid), busy: machineBusy() }
}

function difference(before: number | null | undefined, after: number | null | undefined): number | null {
  return typeof before === 'number' && typeof after === 'number' ? Math.max(0, after - before) : null
}
