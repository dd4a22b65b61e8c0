/** Servers with the same interface, measured in turn under the same requests. */

import { usageOf } from '../../src/verify/performance/load/processes.ts'
import type { Loader } from '../load/loader.ts'
import type { Caller, Request, Sample } from '../requests/request.ts'
import type { Started } from '../servers/start.ts'

/** Requests of one kind. */
export interface RoundJob<Name extends string> {
  readonly title: string
  /** The status of every right answer. */
  readonly status: 200 | 201
  /** The requests that a server gets in turn. `round` is -1 for the time of warming up. */
  readonly requests: (server: Name, round: number) => readonly Request[]
  /** Runs after each slot, and is not measured: it undoes what would make later slots slower. */
  readonly undo?: (server: Name) => Promise<void>
}

/** What is measured, and for how long. */
export interface RoundsWish<Name extends string> {
  readonly loader: Loader
  /** Process id of PostgreSQL's first process. */
  readonly postgresPid: number
  readonly servers: readonly Started<Name>[]
  readonly jobs: readonly RoundJob<Name>[]
  readonly rounds: number
  /** Seconds of each server under each job in a round. */
  readonly seconds: number
  readonly connections: number
}

/** What one server did under one job in one round. Processor time is in microseconds for each request. */
export interface RoundSlot<Name extends string> {
  readonly name: Name
  readonly job: string
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly failed: number
  /** Statuses of failed answers. */
  readonly statuses: readonly number[]
  readonly serverCpu: number
  readonly postgresCpu: number
}

const WARM_SECONDS = 3

/**
 * Measures all servers under each job, in rounds. The servers take turns forwards and backwards, so that each comes first equally often.
 *
 * @throws Error of the load generator.
 */
export async function measureRounds<Name extends string>(wish: RoundsWish<Name>): Promise<readonly RoundSlot<Name>[]> {
  const { loader, servers, jobs, rounds, seconds } = wish
  loader.use({ EdDSA: NO_SAMPLE })
  for (const server of servers)
    for (const job of jobs) await measureSlot(wish, { server, job, round: -1, seconds: WARM_SECONDS / jobs.length })
  const slots: RoundSlot<Name>[] = []
  for (let round = 0; round < rounds; round++) {
    const turn = round % 2 === 0 ? servers : servers.toReversed()
    for (const job of jobs) for (const server of turn) slots.push(await measureSlot(wish, { server, job, round, seconds }))
  }
  return slots
}

interface SlotWish<Name extends string> {
  readonly server: Started<Name>
  readonly job: RoundJob<Name>
  readonly round: number
  readonly seconds: number
}

async function measureSlot<Name extends string>(
  { loader, postgresPid, connections }: RoundsWish<Name>,
  { server, job, round, seconds }: SlotWish<Name>,
): Promise<RoundSlot<Name>> {
  const fixed = job.requests(server.name, round)
  const before = [usageOf(server.pid)?.cpu ?? 0, usageOf(postgresPid)?.cpu ?? 0] as const
  // The answers have the status of this operation; the requests are those of `fixed`.
  const operation = job.status === 201 ? 'create' : 'get'
  const to = { port: server.port, sample: 'EdDSA', dialect: 'rest', fixed, connections, seconds, rate: null } as const
  const counted = await loader.run({ ...to, operation, seed: 1 })
  const [serverCpu, postgresCpu] = [(usageOf(server.pid)?.cpu ?? 0) - before[0], (usageOf(postgresPid)?.cpu ?? 0) - before[1]]
  await job.undo?.(server.name)
  const { requests, failed, statuses, p50, p99 } = counted
  const each = (cpu: number): number => (cpu * 1e6) / Math.max(1, requests)
  const perSecond = requests / counted.seconds
  return {
    name: server.name,
    job: job.title,
    perSecond,
    p50,
    p99,
    failed,
    statuses,
    serverCpu: each(serverCpu),
    postgresCpu: each(postgresCpu),
  }
}

const NOBODY: Caller = { id: '', email: '', token: '' }

/** The load generator takes a sample, which it does not use when the requests are given. */
const NO_SAMPLE: Sample = {
  posts: [],
  authors: [],
  commented: [],
  callers: [],
  moderator: NOBODY,
  own: [],
  hot: '',
  logins: [],
  password: '',
}
