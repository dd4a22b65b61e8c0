/** Leases jobs for one worker: those of kinds with a higher priority first, and of each kind in the order of their times. */

import type { Runner } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import type { Job } from '../../model/job.ts'
import { type LeasedJob, leasedJob } from './leased-job.ts'
import { DUE_KINDS, LEASE, LEASE_LIMITED, LOCK_KIND, RESCUED_AT } from './statements.ts'

/** What the statements of leasing are run with. */
export type LeaseRunner = Pick<Runner, 'run' | 'runInOrder'>

/** A kind as leasing knows it. */
export type LeasedKind = Pick<Job, 'kind' | 'priority' | 'concurrency'>

/** How many jobs a worker leases. */
export interface LeaseRoom {
  /** As many as it can begin at once. Of kinds with a limit of their own it leases no more than these. */
  readonly now: number
  /** Those besides, which wait for the running ones. With 0, jobs whose worker has ended are leased before all others. */
  readonly ahead: number
}

/** Leases jobs for a worker. */
export interface Leasing {
  readonly take: (worker: string, room: LeaseRoom) => Promise<readonly LeasedJob[]>
}

/**
 * Between two reads of an index from its beginning: at least this time, and this many times as long as the last one took, but no longer
 * than the last of these times, because reads can be slow for other reasons.
 */
const WHOLE_AFTER_MS = 1_000
const WHOLE_SHARE = 20
const WHOLE_MOST_MS = 2_000

/** The jobs of a kind whose worker has ended. */
const RESCUED: Floor = { at: RESCUED_AT, id: '0' }

/** The first place of a kind after these. */
const BEGINNING: Floor = { at: RESCUED_AT, id: String(2n ** 63n - 1n) }

/** A place among the waiting jobs of a kind, in the order of time and id. */
interface Floor {
  readonly at: string
  readonly id: string
}

/** Opens the leasing of these kinds. `clock` gives milliseconds. */
export function openLeasing(runner: LeaseRunner, kinds: readonly LeasedKind[], clock: () => number): Leasing {
  const ordered = [...kinds].sort((a, b) => b.priority - a.priority)
  const hasLimits = ordered.some(({ concurrency }) => concurrency !== null)
  const floors = openFloors(clock)
  let turn = 0
  return {
    async take(worker, { now, ahead }) {
      const all = now + ahead
      const due = hasLimits ? await dueOf(runner, ordered) : ordered
      const leased: LeasedJob[] = []
      for (const group of groupsOf(inTurn(due, turn++))) {
        const room = all - leased.length
        if (room <= 0) break
        const [first] = group
        if (first === undefined) continue
        if (first.concurrency === null)
          leased.push(...(await takeMany(runner, { worker, room, kinds: group, floors, rescued: ahead === 0 })))
        else if (now > leased.length) leased.push(...(await takeLimited(runner, { worker, room: now - leased.length, kind: first })))
      }
      return leased
    },
  }
}

async function dueOf(runner: LeaseRunner, kinds: readonly LeasedKind[]): Promise<readonly LeasedKind[]> {
  const rows = await runner.run(DUE_KINDS, { kinds: arrayLiteral(kinds.map(({ kind }) => kind)) })
  const due = new Set(rows.map(([kind]) => kind))
  return kinds.filter(({ kind }) => due.has(kind))
}

/** The kinds in the order of their priority; those of one priority begin with another one each time, so that none waits for ever. */
function inTurn(kinds: readonly LeasedKind[], turn: number): readonly LeasedKind[] {
  const priorities = [...new Set(kinds.map(({ priority }) => priority))]
  return priorities.flatMap((priority) => {
    const same = kinds.filter((one) => one.priority === priority)
    const first = turn % same.length
    return [...same.slice(first), ...same.slice(0, first)]
  })
}

/** Neighbours without a limit together, and each kind with a limit alone. */
function groupsOf(kinds: readonly LeasedKind[]): readonly (readonly LeasedKind[])[] {
  const groups: LeasedKind[][] = []
  for (const kind of kinds) {
    const last = groups.at(-1)
    if (last !== undefined && kind.concurrency === null && last[0]?.concurrency === null) last.push(kind)
    else groups.push([kind])
  }
  return groups
}

interface Many {
  readonly worker: string
  readonly room: number
  readonly kinds: readonly LeasedKind[]
  readonly floors: Floors
  /** Whether jobs whose worker has ended are leased, too. */
  readonly rescued: boolean
}

async function takeMany({ run }: LeaseRunner, { worker, room, kinds, floors, rescued }: Many): Promise<readonly LeasedJob[]> {
  const names = kinds.map(({ kind }) => kind)
  const reading = floors.begin(names)
  const first = rescued ? names.map((kind) => ({ kind, ...RESCUED, until: RESCUED_AT })) : []
  const usual = names.map((kind, i) => ({ kind, ...(reading.from[i] ?? BEGINNING), until: 'infinity' }))
  const ranges = [...first, ...usual]
  const rows = await run(LEASE, {
    worker,
    room,
    kinds: arrayLiteral(ranges.map(({ kind }) => kind)),
    ats: arrayLiteral(ranges.map(({ at }) => at)),
    ids: arrayLiteral(ranges.map(({ id }) => id)),
    untils: arrayLiteral(ranges.map(({ until }) => until)),
  })
  const leased = rows.map(leasedJob)
  reading.end(leased)
  return leased
}

async function takeLimited(
  { runInOrder }: LeaseRunner,
  { worker, room, kind }: { readonly worker: string; readonly room: number; readonly kind: LeasedKind },
): Promise<readonly LeasedJob[]> {
  const [, rows = []] = await runInOrder([LOCK_KIND, LEASE_LIMITED], { worker, room, kind: kind.kind, most: kind.concurrency })
  return rows.map(leasedJob)
}

/** Where reading begins: behind the last leased job of each kind, and from time to time at the beginning. */
interface Floors {
  readonly begin: (kinds: readonly string[]) => { readonly from: readonly Floor[]; readonly end: (leased: readonly LeasedJob[]) => void }
}

/**
 * Index entries of finished jobs stay until a vacuum, which waits for old snapshots; reading them again at every lease would become slower
 * and slower. A job that a floor passes over, because its transaction committed late, is found by the next read from the beginning.
 */
function openFloors(clock: () => number): Floors {
  const floors = new Map<string, Floor>()
  let wholeAt = Number.NEGATIVE_INFINITY
  let tookMs = 0
  let wasEmpty = true
  return {
    begin(kinds) {
      const began = clock()
      const pauseMs = Math.min(WHOLE_MOST_MS, Math.max(wasEmpty ? 0 : WHOLE_AFTER_MS, WHOLE_SHARE * tookMs))
      const isWhole = began - wholeAt >= pauseMs
      return {
        from: kinds.map((kind) => (isWhole ? BEGINNING : (floors.get(kind) ?? BEGINNING))),
        end(leased) {
          wasEmpty = leased.length === 0
          if (isWhole) {
            wholeAt = began
            tookMs = clock() - began
          }
          for (const job of leased) {
            if (job.runAt === RESCUED_AT) continue
            const known = floors.get(job.kind)
            const place = { at: job.runAt, id: job.id }
            if (known === undefined || isBehind(place, known)) floors.set(job.kind, place)
          }
        },
      }
    },
  }
}

/** PostgreSQL prints moments of one zone so that the order of the texts is that of time. */
function isBehind(a: Floor, b: Floor): boolean {
  return a.at === b.at ? BigInt(a.id) > BigInt(b.id) : a.at > b.at
}
