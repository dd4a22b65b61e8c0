/** Measures operations: the ceiling by callers who wait for answers, then latency under requests that arrive by themselves. */

import { doubtOf, LEAST_FOR_P99 } from '../judge-load.ts'
import { isWaiting, type SeenWaits, watchWaits } from '../limits/watch-waits.ts'
import type { BareServer } from '../load/generator.ts'
import type { OpenResult } from '../load/load-job.ts'
import { WEIGHTS } from '../operations/load-operations.ts'
import type { PreparedOperation } from '../operations/prepare.ts'
import type { Ceiling, Cost, LoadPhase, MeasuredMix, MeasuredOperation } from '../performance-report.ts'
import { type Percentile, percentilesOf } from '../statistics/quantiles.ts'
import { randomOf } from '../statistics/random.ts'
import { type Counts, type LoadStage, perRequest, usedBy } from './load-stage.ts'

/** How long each part takes. */
export interface LoadTimes {
  /** Seconds of an open measurement. */
  readonly seconds: number
}

/** The parts of the ceiling at which requests arrive. */
const PARTS = [0.5, 0.7, 0.9]
const ALL_PARTS = 2.1
/** Callers who wait for their answers. */
export const CALLERS = 32
const WARM_SECONDS = 1
/** Requests that are prepared for a closed measurement. Reads may repeat; writes need other values each time. */
const PREPARED = { read: 10_000, write: 40_000 } as const
/** Rows that serve one request alone are spread over the measurements: these parts at most; the rest is for all operations together. */
const ROOM = { ceiling: 0.25, phases: 0.5 } as const
/** All operations together take this many times as long as one open measurement, and up to twice as long for enough requests of each. */
const MIX_LENGTH = 15
/** So that a number of requests that arrive by chance is rarely too low for a 99th percentile. */
const ENOUGH = 1.15 * LEAST_FOR_P99
const PERCENTILES = [0.5, 0.95, 0.99] as const

/** Requests a second of the bare server. */
export async function measureBare({ generator }: LoadStage, bare: BareServer, { seconds }: LoadTimes): Promise<number> {
  generator.use([`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`])
  const { requests } = await generator.closed({
    ports: [bare.port],
    callers: CALLERS,
    warmSeconds: Math.min(WARM_SECONDS, seconds),
    seconds,
  })
  return requests / seconds
}

function warm(seconds: number): number {
  return Math.min(WARM_SECONDS, seconds / 2)
}

/** Measures one operation. @param seed decides rows and arrivals. */
export async function measureOperation(
  load: LoadStage,
  prepared: PreparedOperation,
  { times, bare, seed, counts }: { readonly times: LoadTimes; readonly bare: number; readonly seed: number; readonly counts: Counts },
): Promise<{ readonly measured: MeasuredOperation; readonly waits: SeenWaits; readonly alone: number | null }> {
  const { operation, callers, room } = prepared
  const counted = counts.get(operation.id)
  const enough = room === undefined ? PREPARED[operation.kind] : Math.floor(room * ROOM.ceiling)
  const { result: ceiling, waits } = await watchWaits(load.client, () =>
    measureCeiling(load, prepared.texts(enough, seed), { times, bare, once: room !== undefined }),
  )
  const alone =
    isWaiting(waits) && room === undefined ? await measureAlone(load, prepared.texts(PREPARED[operation.kind], seed + 10), times) : null
  const phases: LoadPhase[] = []
  let cost: Cost | null = null
  for (const part of PARTS) {
    const rate = Math.max(1, ceiling.perSecond * part)
    const before = await usedBy(load)
    const most = room === undefined ? times.seconds : secondsFor((room * ROOM.phases * part) / ALL_PARTS, rate)
    const seconds = Math.min(times.seconds, most)
    const texts = prepared.texts(wanted(rate, seconds), seed + phases.length + 1)
    const { phase } = await measureOpen(load, texts, { seconds, part, rate, seed })
    const after = await usedBy(load)
    phases.push(phase)
    cost ??= {
      statements: counted?.statements ?? null,
      rowsRead: counted?.rowsRead ?? null,
      bytes: counted?.bytes ?? null,
      answerRows: counted?.answerRows ?? null,
      serverMs: rounded(perRequest(before.server, after.server, phase.requests)),
      databaseMs: rounded(perRequest(before.database, after.database, phase.requests)),
      serverMb: megabytes(after.serverBytes),
      databaseMb: megabytes(after.databaseBytes),
    }
  }
  if (cost === null) throw new Error('an operation has phases')
  return { measured: { id: operation.id, what: operation.what, callers, ceiling, cost, phases }, waits, alone }
}

/** Requests a second of one caller. */
async function measureAlone({ generator, port }: LoadStage, texts: readonly string[], { seconds }: LoadTimes): Promise<number> {
  generator.use(texts)
  const length = seconds / 3
  const { requests, failed } = await generator.closed({ ports: [port], callers: 1, warmSeconds: warm(length), seconds: length })
  return (requests - failed) / length
}

async function measureCeiling(
  { generator, port }: LoadStage,
  texts: readonly string[],
  { times: { seconds }, bare, once = false }: { readonly times: LoadTimes; readonly bare: number; readonly once?: boolean },
): Promise<Ceiling> {
  generator.use(texts)
  const job = { ports: [port], callers: CALLERS, warmSeconds: once ? 0 : warm(seconds), seconds, once }
  const { requests, failed, seconds: measured } = await generator.closed(job)
  const perSecond = measured === 0 ? 0 : (requests - failed) / measured
  return { callers: CALLERS, perSecond: rounded(perSecond), failed, ofBare: bare === 0 ? 0 : rounded(perSecond / bare) }
}

/** As many requests as arrive, and some more: their number is random. */
function wanted(rate: number, seconds: number): number {
  const mean = rate * seconds
  return Math.ceil(mean + 5 * Math.sqrt(mean) + 10)
}

/** For how many seconds a number of requests is enough. */
function secondsFor(requests: number, rate: number): number {
  const [spread, fixed] = [5, 10]
  return Math.max(0, Math.sqrt(Math.max(0, requests - fixed) + (spread / 2) ** 2) - spread / 2) ** 2 / rate
}

interface Opening extends LoadTimes {
  readonly part: number | null
  readonly rate: number
  readonly seed: number
}

async function measureOpen({ generator, port }: LoadStage, texts: readonly string[], { part, rate, seconds, seed }: Opening) {
  generator.use(texts)
  const seen = await generator.open({ port, rate, seconds, seed })
  return { seen, phase: phaseOf(seen, { part, rate, seed }) }
}

/** What an open measurement has shown. */
export function phaseOf(seen: OpenResult, { part, rate, seed }: Pick<Opening, 'part' | 'rate' | 'seed'>): LoadPhase {
  const [p50, p95, p99] = percentilesOf(seen, PERCENTILES, seed).map(roundedPercentile)
  if (p50 === undefined || p95 === undefined || p99 === undefined) throw new Error('three percentiles were asked')
  const failed = seen.ms.filter((ms) => !Number.isFinite(ms)).length
  const { late, busy, statuses } = seen
  return {
    ...{ part, rate: rounded(rate), requests: seen.ms.length, failed, statuses, p50, p95, p99 },
    ...{ late: rounded(late), busy: rounded(busy), doubt: doubtOf({ late, busy }) },
  }
}

/** Measures all operations together, by their weights. @param throughput the target; null for half the ceiling. */
export async function measureMix(
  load: LoadStage,
  all: readonly PreparedOperation[],
  {
    times,
    bare,
    seed,
    throughput,
  }: { readonly times: LoadTimes; readonly bare: number; readonly seed: number; readonly throughput: number | null },
): Promise<MeasuredMix> {
  const ceiling = await measureCeiling(load, mixed(all, PREPARED.write, seed).texts, { times, bare })
  const rate = throughput ?? Math.max(1, ceiling.perSecond / 2)
  const seconds = mixSeconds(all, rate, times)
  const { texts, of } = mixed(all, wanted(rate, seconds), seed + 1)
  const { seen, phase } = await measureOpen(load, texts, { part: throughput === null ? 0.5 : null, rate, seconds, seed })
  const operations = all.map(({ operation }, n) => {
    const own = [...seen.which.keys()].filter((i) => of[seen.which[i] ?? 0] === n)
    const ms = Float64Array.from(own, (i) => seen.ms[i] ?? Number.POSITIVE_INFINITY)
    const [p99] = percentilesOf({ due: Float64Array.from(own, (i) => seen.due[i] ?? 0), ms }, [0.99], seed)
    return {
      id: operation.id,
      rare: operation.weight === WEIGHTS.account,
      requests: own.length,
      failed: ms.filter((one) => !Number.isFinite(one)).length,
      p99: roundedPercentile(p99 ?? { ms: null, low: null, high: null }),
    }
  })
  return { ceiling, phase, operations }
}

/** So long that each operation but new accounts has enough requests. */
export function mixSeconds(all: readonly Pick<PreparedOperation, 'operation'>[], rate: number, { seconds }: LoadTimes): number {
  const weights = all.map(({ operation }) => operation.weight)
  const least = Math.min(...weights.filter((weight) => weight !== WEIGHTS.account))
  const needed = (ENOUGH * weights.reduce((sum, weight) => sum + weight, 0)) / least / rate
  return Math.max(1, Math.min(2, needed / (seconds * MIX_LENGTH))) * seconds * MIX_LENGTH
}

/** Requests of all operations by their weights, in a mixed order, and which operation each is of. */
export function mixed(all: readonly PreparedOperation[], count: number, seed: number) {
  const turns = all.flatMap(({ operation: { weight } }, n) => Array<number>(weight).fill(n))
  const each = Math.ceil(count / Math.max(1, turns.length))
  const own = all.map((prepared, n) => prepared.texts(each * turns.filter((turn) => turn === n).length, seed + n))
  const evenly = spread(turns)
  const taken = own.map((texts) => texts[Symbol.iterator]())
  const of = Array.from({ length: each * evenly.length }, (_, i) => evenly[i % evenly.length] ?? 0)
  // Some have fewer requests than they would get.
  const both = of.flatMap((n) => {
    const text = taken[n]?.next().value
    return text === undefined ? [] : [{ text, n }]
  })
  return { texts: both.map(({ text }) => text), of: both.map(({ n }) => n) }
}

/** In another order, so that the requests of one operation do not come together. */
function spread(turns: readonly number[]): readonly number[] {
  const random = randomOf(turns.length)
  return turns
    .map((turn) => ({ turn, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ turn }) => turn)
}

function roundedPercentile({ ms, low, high }: Percentile): Percentile {
  return { ms: rounded(ms), low: rounded(low), high: rounded(high) }
}

/** Three digits are more than such figures know. */
function rounded(value: number): number
function rounded(value: number | null): number | null
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}

function megabytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.round(bytes / 1024 / 1024)
}
