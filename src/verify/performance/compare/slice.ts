/** One short measurement of two builds at once: the same requests to both in turns, and what they cost each. */

import type { Connection } from '../../../postgres/connect.ts'
import type { Generator } from '../load/generator.ts'
import { type ProcessorTimes, secondsBetween, timesOf, timesOfSessions } from '../load/processor-time.ts'

/** The two builds: the one that is verified, and the one that it is compared with. */
export type Side = 'old' | 'new'

/** A build that serves. */
export interface ServingBuild {
  readonly port: number
  /** Its processes. */
  readonly pids: readonly number[]
  /** A session of the owner of its database. */
  readonly client: Connection
}

/** What a request has cost, in seconds. Processor time is null where it cannot be seen. */
export interface SliceCost {
  readonly server: number | null
  readonly database: number | null
  /** From the request to its answer. */
  readonly elapsed: number
}

/** What a request has cost both. */
export type Slice = Readonly<Record<Side, SliceCost>>

/** So that neither is always asked first. */
const ORDER: readonly Side[] = ['old', 'new', 'new', 'old']

/**
 * Sends the requests, and looks at the processor time of both before and after. Both run at once, so whatever else the machine does
 * meanwhile meets both.
 *
 * @param texts for each build, the same requests with its tokens.
 * @throws Error if a request fails.
 */
export async function measureSlice(
  generator: Generator,
  builds: Readonly<Record<Side, ServingBuild>>,
  { texts, callers }: { readonly texts: Readonly<Record<Side, readonly string[]>>; readonly callers: number },
): Promise<Slice> {
  const each = texts.old.length
  const taken = { old: 0, new: 0 }
  const sides = Array.from({ length: 2 * each }, (_, i) => ORDER[i % ORDER.length] ?? 'old')
  generator.use(sides.map((side) => texts[side][taken[side]++ % each] ?? ''))
  const look = async () => ({ old: await timesOfBuild(builds.old), new: await timesOfBuild(builds.new) })
  const before = await look()
  const { seconds, statuses } = await generator.batch({ ports: ORDER.map((side) => builds[side].port), callers, requests: sides.length })
  const after = await look()
  const costOf = (side: Side): SliceCost => {
    const failed = statuses.get(builds[side].port) ?? []
    if (failed.length > 0) throw new Error(`requests to the ${side} build failed: ${failed.join(', ')}`)
    const used = (of: 'server' | 'database'): number | null => {
      const sum = secondsBetween(before[side][of], after[side][of])
      return sum === null ? null : sum / each
    }
    return { server: used('server'), database: used('database'), elapsed: seconds.get(builds[side].port) ?? 0 }
  }
  return { old: costOf('old'), new: costOf('new') }
}

async function timesOfBuild({ pids, client }: ServingBuild): Promise<Readonly<Record<'server' | 'database', ProcessorTimes | null>>> {
  const { rows } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = $1',
    ['client backend'],
  )
  return { server: timesOf(pids), database: timesOfSessions(rows.map(({ pid }) => pid)) }
}
