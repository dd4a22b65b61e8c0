/** How the work of reads grows: the same requests of a lone caller on ever more rows, over three decades. */

import type { Model } from '../../../model/model.ts'
import type { Counts, LoadStage } from '../measure/load-stage.ts'
import type { PreparedOperation } from '../operations/prepare.ts'
import type { GrowingOperation, MeasuredGrowth, TriedIndex } from '../performance-report.ts'
import type { LoadedRows } from '../rows/load-rows.ts'
import { judgeGrowth } from './judge-growth.ts'
import { trialIndexes, withIndex } from './try-indexes.ts'

/** The parts of the rows at which growth is measured. */
export const GROWTH_PARTS: readonly number[] = [0.001, 0.01, 0.1, 1]
/** With fewer rows of the largest table a part shows nothing. */
export const LEAST_ROWS = 100
/** The most operations that are followed. */
const MOST_FOLLOWED = 6
/** How often each is measured, and for which part of the seconds of an open measurement. */
const REPEATS = 3
const LENGTH = 1 / 10
const REQUESTS = 4_000
/** On a busy machine, a measurement gets longer until as many requests are answered, up to this many times as long. */
const LEAST_ANSWERED = 5
const LONGEST = 16
/** An index helps if with it an operation takes at most this part of the time. */
const HELPING = 0.5

/** What was measured at one number of rows. */
export interface GrowthPoint {
  readonly part: number
  readonly operations: readonly FollowedOperation[]
}

interface FollowedOperation {
  readonly id: string
  readonly rows: number
  readonly ms: readonly number[]
  readonly rowsRead: number | null
}

/** Follows growth through one run. */
export interface Growing {
  readonly model: Model
  readonly load: LoadStage
  readonly seconds: number
  readonly seed: number
}

/** The reads that are followed. */
export function followed(prepared: readonly PreparedOperation[]): readonly PreparedOperation[] {
  return prepared.filter(({ operation }) => operation.kind === 'read').slice(0, MOST_FOLLOWED)
}

/** Measures reads on the rows that the tables have now. @param counts what they cost; empty if that was not counted. */
export async function measurePoint(
  growing: Growing,
  prepared: readonly PreparedOperation[],
  { part, loaded, counts }: { readonly part: number; readonly loaded: readonly LoadedRows[]; readonly counts: Counts },
): Promise<GrowthPoint> {
  const operations: FollowedOperation[] = []
  for (const one of followed(prepared)) {
    const { id, entity } = one.operation
    const rows = loaded.find((own) => own.entity === entity.name)?.rows ?? 0
    const ms = await loneTimes(growing, one)
    operations.push({ id, rows, ms, rowsRead: counts.get(id)?.rowsRead ?? null })
  }
  return { part, operations }
}

/** Milliseconds of a request of one caller who waits for each answer; a time for each repeat that was answered. */
async function loneTimes({ load, seconds, seed }: Growing, prepared: PreparedOperation): Promise<readonly number[]> {
  const times: number[] = []
  let length = seconds * LENGTH
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    load.generator.use(prepared.texts(REQUESTS, seed + repeat))
    const measure = () => load.generator.closed({ ports: [load.port], callers: 1, warmSeconds: length / 2, seconds: length })
    let seen = await measure()
    while (seen.requests < LEAST_ANSWERED && length < seconds * LENGTH * LONGEST) {
      length *= 4
      seen = await measure()
    }
    const answered = seen.requests - seen.failed
    if (answered > 0) times.push(Number(((length * 1_000) / answered).toPrecision(4)))
  }
  return times
}

/** Puts the points together, and tries indexes for the operations that grow. The tables must have the most rows. */
export async function growthOf(
  growing: Growing,
  prepared: readonly PreparedOperation[],
  points: readonly GrowthPoint[],
): Promise<MeasuredGrowth> {
  const operations: GrowingOperation[] = []
  for (const one of followed(prepared)) {
    const { id, what } = one.operation
    const own = points.flatMap((point) => point.operations.filter((other) => other.id === id))
    if (own.length < 2) continue
    const times = own.flatMap(({ rows, ms }) => ms.map((time) => ({ rows, ms: time })))
    const reads = own.flatMap(({ rows, rowsRead }) => (rowsRead === null ? [] : [{ rows, rowsRead }]))
    const judged = judgeGrowth(times, reads)
    const remedy = judged.growth === 'flat' ? null : await remedyFor(growing, one, median(own.at(-1)?.ms ?? []))
    operations.push({ id, what, times, reads, ...judged, remedy })
  }
  return { parts: points.map(({ part }) => part), operations }
}

/** An index that the design declares and the database lacks, if one helps; else the one with which the operation is fastest. */
async function remedyFor(growing: Growing, prepared: PreparedOperation, before: number): Promise<TriedIndex | null> {
  const { client } = growing.load
  let best: TriedIndex | null = null
  for (const trial of await trialIndexes(client, growing.model, prepared.operation)) {
    if (best?.from === 'declared' && trial.from === 'advised') break
    const { ms, rowsRead } = await withIndex(client, trial, async () => ({
      ms: median(await loneTimes(growing, prepared)),
      rowsRead: (await growing.load.count(prepared))?.rowsRead ?? null,
    }))
    if (ms > 0 && ms <= before * HELPING && ms < (best?.ms ?? Number.POSITIVE_INFINITY))
      best = { from: trial.from, index: trial.index, beforeMs: before, ms, rowsRead }
  }
  return best
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
