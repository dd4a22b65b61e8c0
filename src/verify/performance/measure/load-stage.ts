/** What a load needs of its surroundings, and what it uses meanwhile. */

import type { Connection } from '../../../postgres/connect.ts'
import type { Stage } from '../../run/stage.ts'
import type { Generator } from '../load/generator.ts'
import { memoryOf, processorOf, usageOf } from '../load/processes.ts'
import type { PreparedOperation } from '../operations/prepare.ts'

/** A backend under load. */
export interface LoadStage {
  readonly stage: Stage
  readonly port: number
  /** The serving process. */
  readonly pid: number
  /** A session of the owner of the database. */
  readonly client: Connection
  readonly generator: Generator
  /** What requests cost that are sent one after the other; null where there are too few. */
  readonly count: (operation: PreparedOperation) => Promise<RequestCost | null>
  /** Starts one more process on the same database. */
  readonly serveAgain: () => Promise<ServingProcess>
}

/** A process that serves. */
export interface ServingProcess {
  readonly port: number
  readonly pid: number
  readonly stop: () => Promise<void>
}

/** What one request costs, as a mean. */
export interface RequestCost {
  /** Statements, and rows and index entries that they read. */
  readonly statements: number
  readonly rowsRead: number
  /** Characters of the answer, and rows in it with those that are included. */
  readonly bytes: number
  readonly answerRows: number
}

/** What a request of each operation costs, by the id of the operation. */
export type Counts = ReadonlyMap<string, Awaited<ReturnType<LoadStage['count']>>>

/**
 * Counts for all operations, two seconds each. No load may have run in the ten seconds before: sessions that become idle tell PostgreSQL
 * that late what they have read.
 */
export async function countAll({ count }: Pick<LoadStage, 'count'>, prepared: readonly PreparedOperation[]): Promise<Counts> {
  const counts = new Map<string, Awaited<ReturnType<LoadStage['count']>>>()
  for (const one of prepared) counts.set(one.operation.id, await count(one))
  return counts
}

/** Seconds of processor time, and bytes of memory; null where they cannot be seen. */
export interface Used {
  readonly server: number | null
  readonly database: number | null
  readonly serverBytes: number | null
  readonly databaseBytes: number | null
}

/** What the backend and its sessions in the database have used so far. The database must run on this machine. */
export async function usedBy({ pid, client }: Pick<LoadStage, 'pid' | 'client'>): Promise<Used> {
  const server = usageOf(pid)
  const { rows } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = $1',
    ['client backend'],
  )
  const sessions = rows.map((row) => row.pid)
  return {
    server: server?.cpu ?? null,
    database: processorOf(sessions, 'postgres'),
    serverBytes: server?.resident ?? null,
    databaseBytes: memoryOf(sessions, 'postgres'),
  }
}

/** Milliseconds of processor time a request between two looks; null where they cannot be seen. */
export function perRequest(before: number | null, after: number | null, requests: number): number | null {
  return before === null || after === null || requests === 0 ? null : (Math.max(0, after - before) * 1_000) / requests
}
