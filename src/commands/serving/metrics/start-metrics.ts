/** Starts the metrics of a process if its settings ask for them. Without them, nothing of them is loaded. */

import type { OnStatement } from '../../../postgres/executor/batch.ts'
import type { Observe } from '../../../server/http/observe.ts'
import type { Settings } from '../../setup/settings/settings.ts'
import type { Watched } from './gauges.ts'

/** The measured process. */
export interface MeasuredProcess {
  /** Passes observations on, and counts them. */
  readonly observe: Observe
  /** Absent without metrics. */
  readonly onStatement: OnStatement | undefined
  readonly watch: (watched: Watched) => void
  /** The address of the metrics; null without, and for a worker. */
  readonly url: string | null
  /** The metrics of a worker, which shows them to the first process; absent for others. */
  readonly text?: () => Promise<string>
  readonly close: () => Promise<void>
}

/**
 * Starts the metrics. Those of a worker have no port: the first process shows them.
 *
 * @param observe gets all observations.
 * @throws EnvironmentError when their address cannot be used.
 */
export async function startMetrics(
  { metrics: at, worker = null }: Pick<Settings, 'metrics'> & { readonly worker?: number | null | undefined },
  observe: Observe,
): Promise<MeasuredProcess> {
  if (at === null) return { observe, onStatement: undefined, watch: () => {}, url: null, close: async () => {} }
  const [{ openMetrics }, { serveMetrics }] = await Promise.all([import('./metrics.ts'), import('./metrics-server.ts')])
  const metrics = openMetrics(Date.now, worker)
  const shown =
    worker === null ? await serveMetrics(at, metrics) : { url: null, close: async () => {}, text: async () => (await metrics.text()).body }
  return {
    observe: (observation) => {
      metrics.observe(observation)
      observe(observation)
    },
    onStatement: metrics.onStatement,
    watch: metrics.watch,
    ...shown,
  }
}
