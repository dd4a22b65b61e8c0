/** Serves with several processes at one port, and shows the metrics of all of them at another one. */

import { availableParallelism } from 'node:os'
import type { Log } from '../../../server/http/observe.ts'
import type { Settings } from '../../setup/settings/settings.ts'
import type { Io, Outcome } from '../../terminal/command.ts'
import { UsageError } from '../../terminal/usage-error.ts'
import { METRICS } from '../metrics/metric-table.ts'
import { joinMetrics, workerMetricsText } from './merge-metrics.ts'
import { runWorkers, type Workers } from './run-workers.ts'

const MOST_WORKERS = 256

/** The number of workers that an option asks for: a number, or `auto` for one a processor. @throws UsageError for another text. */
export function workersOf(text: string): number {
  if (text === 'auto') return availableParallelism()
  const count = Number(text)
  if (!/^\d{1,3}$/.test(text) || count < 1 || count > MOST_WORKERS)
    throw new UsageError(`--workers is not a whole number from 1 to ${MOST_WORKERS}, or auto`, 'such as: plinth serve --workers 4')
  return count
}

/** Serves until the process is asked to stop. @throws EnvironmentError when the address of the metrics cannot be used. */
export async function serveWithWorkers(
  count: number,
  { settings, io, log }: { readonly settings: Settings; readonly io: Io; readonly log: Log },
): Promise<Outcome> {
  let workers: Workers | null = null
  const text = async () => ({ type: TYPE, body: workers === null ? '' : await textOf(workers) })
  const metrics =
    settings.metrics === null ? null : await (await import('../metrics/metrics-server.ts')).serveMetrics(settings.metrics, { text })
  log.info({ workers: count, ...(metrics === null ? {} : { metrics: metrics.url }) }, NOTE)
  workers = runWorkers({ count, io, log })
  const code = await workers.ended.finally(() => metrics?.close())
  return code === 0 ? { exit: 0, data: { stopped: true }, text: '' } : { exit: 'of-child', code }
}

const TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const NOTE = 'starting workers; each merges the calls of its own requests and has connections of its own'

async function textOf(workers: Workers): Promise<string> {
  const shown = await workers.metrics()
  const own = workerMetricsText(shown, { up: METRICS.workerUp, restarts: METRICS.workerRestarts })
  return joinMetrics([own, ...shown.flatMap(({ body }) => body ?? [])])
}
