/**
 * Compares two builds under the same requests, in turns, in one run. Each serves a database of its own with the same rows. Both get
 * requests at the same time, because processor time tells which of them has used it.
 */

import type { Connection } from '../../../postgres/connect.ts'
import type { Generator } from '../load/generator.ts'
import { treeOf } from '../load/processor-time.ts'
import { type PreparedCall, type PreparedOperation, textOf } from '../operations/prepare.ts'
import type { BuildComparison } from '../performance-report.ts'
import { MOST_PAIRS } from '../statistics/gate.ts'
import { comparedOperation, costOf, isUndecided } from './judge-builds.ts'
import { measureSlice, type ServingBuild, type Side, type Slice } from './slice.ts'

/** A build, and what starts it. */
export interface ComparedBuild {
  /** A session of the owner of its database. */
  readonly client: Connection
  /** Starts a process on this database. */
  readonly start: () => Promise<{ readonly port: number; readonly pid: number; readonly stop: () => Promise<void> }>
  readonly tokenFor: (account: string) => Promise<string>
  /** The word before its tokens. */
  readonly scheme: string
}

/** What to compare. */
export interface Comparing {
  readonly builds: Readonly<Record<Side, ComparedBuild>>
  readonly generator: Generator
  /** Operations of the new build. */
  readonly prepared: readonly PreparedOperation[]
  /** Seconds of processor time of each build in a slice. */
  readonly seconds: number
  readonly seed: number
  /** No further pairs are begun after this many seconds. */
  readonly mostSeconds: number
  readonly onDone: (name: string, text: string, ms: number) => void
}

/** Callers who wait for their answers: few, so that a request is done in the same way whatever else the machine does. */
const CALLERS = 4
/**
 * One process may be steadily faster than another one of the same build, because of where its code and data lie in memory. New processes
 * make that vary within the run.
 */
const PROCESSES = 2
/** Slices with one pair of processes. */
const SLICES = 12
/** Requests that do not count, because code is compiled while it runs: in some steps, until they took these seconds of processor time. */
const WARM = { requests: 250, steps: 4, seconds: 0.5 } as const
/** The requests of a slice. */
const REQUESTS = { least: 8, most: 4_000 } as const

/** Measures until each operation has a verdict, or the pairs or the time are used up. */
export async function compareBuilds(comparing: Comparing): Promise<BuildComparison['operations']> {
  const { prepared, mostSeconds, onDone } = comparing
  const began = performance.now()
  const hasTime = (): boolean => (performance.now() - began) / 1_000 < mostSeconds
  const measured = prepared.map((operation): Measured => ({ operation, groups: [], requests: 0, failed: null }))
  for (let round = 0; round * SLICES * PROCESSES < MOST_PAIRS; round++) {
    const open = measured.filter(({ groups, failed }) => failed === null && (round === 0 || isUndecided(groups)))
    if (open.length === 0 || (round > 0 && !hasTime())) break
    for (let n = 0; n < PROCESSES; n++) await withBoth(comparing, n, (serving) => measureAll(comparing, serving, open))
    onDone('builds', `${open.length} of ${measured.length} operations measured`, performance.now() - began)
  }
  return measured.map(({ operation, groups, requests, failed }) => comparedOperation(operation.operation, groups, { requests, failed }))
}

/** What is known of an operation so far. */
interface Measured {
  readonly operation: PreparedOperation
  /** Slices by pairs of processes. */
  readonly groups: (readonly Slice[])[]
  /** Of a slice. */
  requests: number
  /** Why it cannot be compared; null if it can. */
  failed: string | null
}

type Serving = Readonly<Record<Side, ServingBuild>>

/** Lends a process of each build. Which starts first alternates. */
async function withBoth({ builds }: Comparing, n: number, work: (serving: Serving) => Promise<void>): Promise<void> {
  const sides: readonly Side[] = n % 2 === 0 ? ['old', 'new'] : ['new', 'old']
  const started: { readonly side: Side; readonly stop: () => Promise<void>; readonly serving: ServingBuild }[] = []
  try {
    for (const side of sides) {
      const { stop, port, pid } = await builds[side].start()
      started.push({ side, stop, serving: { port, pids: treeOf(pid), client: builds[side].client } })
    }
    await work(Object.fromEntries(started.map(({ side, serving }) => [side, serving])) as Serving)
  } finally {
    for (const { stop } of started) await stop()
  }
}

async function measureAll(comparing: Comparing, serving: Serving, open: readonly Measured[]): Promise<void> {
  for (const one of open) {
    try {
      one.groups.push(await measureOne(comparing, serving, one))
    } catch (error) {
      one.failed ??= error instanceof Error ? error.message : String(error)
    }
  }
}

/** The slices of one operation with one pair of processes. */
async function measureOne({ builds, generator, seed, seconds }: Comparing, serving: Serving, one: Measured): Promise<readonly Slice[]> {
  const slice = async (requests: number, n: number): Promise<Slice> => {
    const calls = one.operation.calls(requests, seed + 1_000 * one.groups.length + n)
    const texts = { old: await textsFor(builds.old, calls), new: await textsFor(builds.new, calls) }
    return measureSlice(generator, serving, { texts, callers: CALLERS })
  }
  let each = dearer(await slice(REQUESTS.least, 0))
  for (let [step, used] = [1, 0]; step <= WARM.steps && used < WARM.seconds; step++) {
    const requests = Math.max(REQUESTS.least, Math.min(WARM.requests, Math.ceil((WARM.seconds - used) / each)))
    each = dearer(await slice(requests, step))
    used += each * requests
  }
  if (one.requests === 0) one.requests = Math.min(REQUESTS.most, Math.max(REQUESTS.least, Math.round(seconds / each)))
  const slices: Slice[] = []
  for (let n = 0; n < SLICES; n++) slices.push(await slice(one.requests, n + WARM.steps + 1))
  return slices
}

/** Seconds of a request of the dearer build. */
function dearer(slice: Slice): number {
  return Math.max(costOf(slice.old), costOf(slice.new))
}

/** Tokens of a build by account. They are made once. */
const tokens = new WeakMap<ComparedBuild, Map<string, Promise<string>>>()

/** The same requests for each build, with tokens of its own. */
async function textsFor(build: ComparedBuild, calls: readonly PreparedCall[]): Promise<readonly string[]> {
  const known = tokens.get(build) ?? new Map<string, Promise<string>>()
  tokens.set(build, known)
  const tokenOf = (id: string): Promise<string> => {
    const token = known.get(id) ?? build.tokenFor(id)
    known.set(id, token)
    return token
  }
  return Promise.all(
    calls.map(async ({ request, caller: { id } }) =>
      textOf({ ...request, token: id === null ? null : await tokenOf(id), scheme: build.scheme }),
    ),
  )
}
