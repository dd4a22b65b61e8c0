/** Leases jobs for one worker: those of kinds with a higher priority first, and of each kind in the order of their times. */

import type { Runner } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import type { Job } from '../../model/job.ts'
import { type LeasedJob, leasedJob } from './leased-job.ts'
import { DUE_KINDS, LEASE, LEASE_LIMITED, LOCK_KIND } from './statements.ts'

/** What the statements of leasing are run with. */
export type LeaseRunner = Pick<Runner, 'run' | 'runInOrder'>

/** A kind as leasing knows it. */
export type LeasedKind = Pick<Job, 'kind' | 'priority' | 'concurrency'>

/** Leases jobs for a worker. */
export interface Leasing {
  /**
   * Leases at most `room` jobs. `now` are at most as many jobs as the worker can begin at once: kinds with a limit of their own are not
   * leased ahead.
   */
  readonly take: (worker: string, room: { readonly all: number; readonly now: number }) => Promise<readonly LeasedJob[]>
}

/** Between two reads of an index from its beginning: this time, and this many times as long as the last one took. */
const WHOLE_AFTER_MS = 1_000
const WHOLE_SHARE = 20

/** The first place of a kind, before all jobs. */
const BEGINNING: Floor = { at: '-infinity', id: '0' }

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
    async take(worker, { all, now }) {
      const due = hasLimits ? await dueOf(runner, ordered) : ordered
      const leased: LeasedJob[] = []
      for (const group of groupsOf(inTurn(due, turn++))) {
        const room = all - leased.length
        if (room <= 0) break
        const [first] = group
        if (first === undefined) continue
        if (first.concurrency === null) leased.push(...(await takeMany(runner, { worker, room, kinds: group, floors })))
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
}

async function takeMany({ run }: LeaseRunner, { worker, room, kinds, floors }: Many): Promise<readonly LeasedJob[]> {
  const names = kinds.map(({ kind }) => kind)
  const reading = floors.begin(names)
  const rows = await run(LEASE, {
    worker,
    room,
    kinds: arrayLiteral(names),
    ats: arrayLiteral(reading.from.map(({ at }) => at)),
    ids: arrayLiteral(reading.from.map(({ id }) => id)),
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
      const isWhole = began - wholeAt >= Math.max(wasEmpty ? 0 : WHOLE_AFTER_MS, WHOLE_SHARE * tookMs)
      return {
        from: kinds.map((kind) => (isWhole ? BEGINNING : (floors.get(kind) ?? BEGINNING))),
        end(leased) {
          wasEmpty = leased.length === 0
          if (isWhole) {
            wholeAt = began
            tookMs = clock() - began
          }
          for (const job of leased) {
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
