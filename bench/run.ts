/** Rounds of slots: in each round every server gets its turn at each load, one right after the other, so that what disturbs the machine disturbs all of them. */

import type { Database } from './database.ts'
import type { Loader } from './loader.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { type Usage, usageOf } from './processes.ts'
import type { ServerName } from './servers.ts'
import type { Started } from './start.ts'

/** A load that servers are compared under. */
export interface Load {
  readonly operation: Operation
  readonly connections: number
  /** Requests a second; null for as many as possible. */
  readonly rate: number | null
}

/** What one server did in one slot. */
export interface Slot extends Load {
  readonly round: number
  readonly server: ServerName
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
}

export interface Times {
  readonly warmSeconds: number
  readonly slotSeconds: number
}

export interface Bench {
  readonly database: Database
  readonly loader: Loader
  readonly times: Times
}

/** Gives a server one slot under a load. */
export async function runSlot(
  bench: Bench,
  server: Started,
  { load, round }: { readonly load: Load; readonly round: number },
): Promise<Slot> {
  const { loader, times, database } = bench
  const job = { port: server.port, dialect: server.server.dialect, tokens: server.server.tokens, ...load }
  await loader.run({ ...job, seconds: times.warmSeconds, seed: round * 2 + 1 })
  // A checkpoint that falls due in somebody's slot would be charged to him alone.
  if (OPERATIONS[load.operation].writes) await database.admin('checkpoint')
  const before = usages(server, database)
  const counted = await loader.run({ ...job, seconds: times.slotSeconds, seed: round * 2 })
  const after = usages(server, database)
  const { kind: _, cpu, ...counts } = counted
  return {
    round,
    server: server.name,
    ...load,
    ...counts,
    perSecond: counted.requests / counted.seconds,
    cpu: { server: spent(before.server, after.server), postgres: spent(before.postgres, after.postgres), load: cpu },
    memory: { server: after.server?.resident ?? null, postgres: after.postgres?.memory ?? null },
  }
}

function usages(server: Started, database: Database): { readonly server: Usage | null; readonly postgres: Usage | null } {
  return { server: usageOf(server.pid), postgres: usageOf(database.pid) }
}

function spent(before: Usage | null, after: Usage | null): number | null {
  return before === null || after === null ? null : Math.max(0, after.cpu - before.cpu)
}
