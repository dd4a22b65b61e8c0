/** A whole load: rows, callers, operations, and all operations together. */

import { followed, type Growing } from '../growth/measure-growth.ts'
import { growthAt, smallerPoints } from '../growth/run-growth.ts'
import { driftOf } from '../judge-load.ts'
import type { WeighedOperation } from '../limits/measured-limits.ts'
import { startBare } from '../load/generator.ts'
import { countAll, type LoadStage } from '../measure/load-stage.ts'
import { measureInstances } from '../measure/measure-instances.ts'
import { measureBare, measureMix, measureOperation, mixed } from '../measure/measure-load.ts'
import { measureSweep } from '../measure/measure-sweep.ts'
import type { RunningLoad } from '../measure/running-load.ts'
import type { PreparedOperation } from '../operations/prepare.ts'
import { prepareAll } from '../operations/prepare-all.ts'
import type { MeasuredOperation, PerformanceReport } from '../performance-report.ts'
import { type LoadedRows, loadRows, rowCounts } from '../rows/load-rows.ts'
import { breakingOf } from './breaking-of.ts'
import { rowsToDelete } from './rows-to-delete.ts'

/** Requests that are prepared for each load of the sweep. */
const SWEEP_REQUESTS = 20_000

/** What a load has shown, and what it left out. */
export interface RanLoad {
  readonly performance: PerformanceReport
  /** Operations that were not measured, with the reason. */
  readonly left: readonly { readonly what: string; readonly why: string }[]
}

/** Fills the tables and measures. */
export async function runLoad(load: LoadStage, running: RunningLoad): Promise<RanLoad> {
  const { model, times, seed, onDone, asked } = running
  const counts = rowCounts(model, running.mostRows)
  const growing: Growing = { model, load, seconds: times.seconds, seed }
  const points = asked === 'one' ? [] : await smallerPoints(growing, running, counts)
  const began = performance.now()
  const rows = await loadRows(load.client, { ...running, counts })
  const rowsSeconds = seconds(began)
  onDone('rows', `${rows.reduce((sum, one) => sum + one.rows, 0)} rows by COPY`, performance.now() - began)
  const preparing = performance.now()
  const makeRows = asked === 'growth' ? {} : { makeRows: rowsToDelete(load, running, counts) }
  const { callers, prepared, left: unprepared } = await prepareAll(load, { ...running, ...makeRows })
  const counted = await countAll(load, asked === 'growth' ? followed(prepared) : prepared)
  onDone('callers', `${callers} callers, ${prepared.length} operations`, performance.now() - preparing)
  const left = [...unprepared]
  const [first] = prepared
  const bare = await startBare(first?.sample ?? { body: '{}', type: 'application/json' })
  try {
    const perSecond = [await measureBare(load, bare, times)]
    const growth = await growthAt(growing, { running, points, prepared, loaded: rows, counts: counted, left })
    const operations: MeasuredOperation[] = []
    const weighed: WeighedOperation[] = []
    for (const [n, one] of (asked === 'growth' ? [] : prepared).entries()) {
      const at = performance.now()
      const measured = await measureOperation(load, one, { times, bare: perSecond[0] ?? 0, seed: seed + 100 * n, counts: counted }).catch(
        (error: unknown) => String(error),
      )
      if (typeof measured === 'string') {
        left.push({ what: `load of ${one.operation.what}`, why: measured })
        continue
      }
      operations.push(measured.measured)
      weighed.push(weighedOf(one, measured))
      onDone('load', `${one.operation.what}: at most ${Math.round(measured.measured.ceiling.perSecond)}/s`, performance.now() - at)
      if (n === Math.floor(prepared.length / 2)) perSecond.push(await measureBare(load, bare, times))
    }
    const together =
      prepared.length === 0 || asked !== 'all'
        ? { mix: null, sweep: null, instances: null }
        : await measureTogether(load, running, prepared, perSecond[0] ?? 0)
    perSecond.push(await measureBare(load, bare, times))
    const { mix, instances } = together
    const measured = { model, operations: weighed, growth, rows: rowsOf(rows) }
    const breaking = mix === null ? null : await breakingOf(load, { ...measured, mix, instances: instances ?? [] })
    return {
      performance: {
        ...{ rows, rowsSeconds, durable: await isDurable(load), seconds: times.seconds, operations, ...together, growth, breaking },
        bare: { perSecond: perSecond.map(Math.round), drift: Number(driftOf(perSecond).toFixed(3)) },
      },
      left,
    }
  } finally {
    await bare.stop()
  }
}

function weighedOf(
  { operation: { id, what, kind, weight, without, relation } }: PreparedOperation,
  { measured: { ceiling, cost }, waits, alone }: Awaited<ReturnType<typeof measureOperation>>,
): WeighedOperation {
  return { ...{ id, what, kind, weight, without: without ?? null, relation: relation ?? null }, ...{ ceiling, cost, waits, alone } }
}

function rowsOf(rows: readonly LoadedRows[]): ReadonlyMap<string, number> {
  return new Map(rows.map(({ entity, rows: count }) => [entity, count]))
}

/** All operations at once: at the target, and by ever more callers. */
async function measureTogether(
  load: LoadStage,
  { model, times, seed, onDone }: RunningLoad,
  prepared: readonly PreparedOperation[],
  bare: number,
): Promise<Pick<PerformanceReport, 'mix' | 'sweep' | 'instances'>> {
  const at = performance.now()
  const mix = await measureMix(load, prepared, { times, bare, seed, throughput: model.targets.throughput })
  const rates = `${Math.round(mix.phase.rate)}/s, at most ${Math.round(mix.ceiling.perSecond)}/s`
  onDone('load', `all together: ${rates}`, performance.now() - at)
  const sweeping = performance.now()
  let sweeps = 0
  const sweepTexts = (): readonly string[] => mixed(prepared, SWEEP_REQUESTS, seed + ++sweeps).texts
  const sweep = await measureSweep(load, sweepTexts, times.seconds)
  onDone('sweep', `1 to 128 callers, ${sweep.points.length} measurements`, performance.now() - sweeping)
  const beside = performance.now()
  const instances = await measureInstances(load, sweepTexts, times.seconds)
  onDone('instances', `${instances.map((one) => one.instances).join(', ')} serving processes`, performance.now() - beside)
  return { mix, sweep, instances }
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
