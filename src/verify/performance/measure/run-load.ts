/** A whole load: rows, callers, operations, and all operations together. */

import { driftOf } from '../judge-load.ts'
import { startBare } from '../load/generator.ts'
import { loadOperations, MOST_OPERATIONS, type SampledRow } from '../operations/load-operations.ts'
import { type PreparedOperation, prepareOperation } from '../operations/prepare.ts'
import { chooseCallers, sampleRows } from '../operations/sample-rows.ts'
import type { MeasuredOperation, PerformanceReport } from '../performance-report.ts'
import { loadRows, rowCounts } from '../rows/load-rows.ts'
import type { ManyRows } from '../rows/many-rows.ts'
import type { LoadStage } from './load-stage.ts'
import { type LoadTimes, measureBare, measureMix, measureOperation, mixed } from './measure-load.ts'
import { measureSweep } from './measure-sweep.ts'

/** Requests that are prepared for each load of the sweep. */
const SWEEP_REQUESTS = 20_000

/** What to load. */
export interface RunningLoad extends Omit<ManyRows, 'counts'> {
  readonly times: LoadTimes
  /** The most rows of one entity; null for as many as the design expects. */
  readonly mostRows: number | null
  /** The beginning of the ids of the operations to measure; null for all. */
  readonly only: string | null
  /** Called when something is done: its name, what it was, and for how many milliseconds. */
  readonly onDone: (name: string, text: string, ms: number) => void
}

/** What a load has shown, and what it left out. */
export interface RanLoad {
  readonly performance: PerformanceReport
  /** Operations that were not measured, with the reason. */
  readonly left: readonly { readonly what: string; readonly why: string }[]
}

/** Fills the tables and measures. */
export async function runLoad(load: LoadStage, running: RunningLoad): Promise<RanLoad> {
  const { model, times, seed, onDone } = running
  const counts = rowCounts(model, running.mostRows)
  const began = performance.now()
  const rows = await loadRows(load.client, { ...running, counts })
  const rowsSeconds = seconds(began)
  onDone('rows', `${rows.reduce((sum, one) => sum + one.rows, 0)} rows by COPY`, performance.now() - began)
  const { prepared, left } = await prepareAll(load, running)
  const [first] = prepared
  const bare = await startBare(first?.sample ?? { body: '{}', type: 'application/json' })
  try {
    const perSecond = [await measureBare(load, bare, times)]
    const operations: MeasuredOperation[] = []
    for (const [n, one] of prepared.entries()) {
      const at = performance.now()
      const measured = await measureOperation(load, one, { times, bare: perSecond[0] ?? 0, seed: seed + 100 * n }).catch((error: unknown) =>
        String(error),
      )
      if (typeof measured === 'string') {
        left.push({ what: `load of ${one.operation.what}`, why: measured })
        continue
      }
      operations.push(measured)
      onDone('load', `${one.operation.what}: at most ${Math.round(measured.ceiling.perSecond)}/s`, performance.now() - at)
      if (n === Math.floor(prepared.length / 2)) perSecond.push(await measureBare(load, bare, times))
    }
    const at = performance.now()
    const throughput = model.targets.throughput
    const mix =
      prepared.length === 0 || running.only !== null
        ? null
        : await measureMix(load, prepared, { times, bare: perSecond[0] ?? 0, seed, throughput })
    if (mix !== null)
      onDone(
        'load',
        `all together: ${Math.round(mix.phase.rate)}/s, at most ${Math.round(mix.ceiling.perSecond)}/s`,
        performance.now() - at,
      )
    const sweeping = performance.now()
    let sweeps = 0
    const sweepTexts = (): readonly string[] => mixed(prepared, SWEEP_REQUESTS, seed + ++sweeps).texts
    const sweep = mix === null ? null : await measureSweep(load, sweepTexts, times.seconds)
    if (sweep !== null) onDone('sweep', `1 to 128 callers, ${sweep.points.length} measurements`, performance.now() - sweeping)
    perSecond.push(await measureBare(load, bare, times))
    return {
      performance: {
        ...{ rows, rowsSeconds, durable: await isDurable(load), seconds: times.seconds, operations, mix, sweep },
        bare: { perSecond: perSecond.map(Math.round), drift: Number(driftOf(perSecond).toFixed(3)) },
      },
      left,
    }
  } finally {
    await bare.stop()
  }
}

/** The first operations that some caller may send. */
async function prepareAll({ client, stage }: LoadStage, { model, seed, only, onDone }: RunningLoad) {
  const began = performance.now()
  const account = model.entities.find(({ name }) => name === model.identity?.entity)
  const accounts = account === undefined ? [] : await sampleRows(client, { model, entity: account, seed }, [])
  const sampled = async (ids: readonly string[]) => {
    const all = new Map<string, readonly SampledRow[]>()
    for (const entity of model.entities) all.set(entity.name, await sampleRows(client, { model, entity, seed }, ids))
    return all
  }
  const callers = chooseCallers(model, { accounts, rows: await sampled([]) })
  const rows = await sampled(callers.flatMap(({ id }) => id ?? []))
  const signed = []
  for (const caller of callers) signed.push({ ...caller, token: caller.id === null ? null : await stage.tokenFor(caller.id) })
  const world = { model, rows, callers: signed, ask: stage.ask }
  const prepared: PreparedOperation[] = []
  const left: { what: string; why: string }[] = []
  for (const [n, operation] of loadOperations(model).entries()) {
    if (only !== null && operation.id !== only && !operation.id.startsWith(`${only}.`)) continue
    if (prepared.length === MOST_OPERATIONS) {
      left.push({
        what: `load of ${operation.what}`,
        why: `at most ${MOST_OPERATIONS} operations are measured, those of the largest tables`,
      })
      continue
    }
    const outcome = await prepareOperation(world, operation, n)
    if ('why' in outcome) left.push({ what: `load of ${operation.what}`, why: outcome.why })
    else prepared.push(outcome)
  }
  onDone('callers', `${callers.length} callers, ${prepared.length} operations`, performance.now() - began)
  return { prepared, left }
}

async function isDurable({ client }: LoadStage): Promise<boolean> {
  const { rows } = await client.query<{ durable: boolean }>(
    "select current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as durable",
  )
  return rows[0]?.durable === true
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 100) / 10
}
