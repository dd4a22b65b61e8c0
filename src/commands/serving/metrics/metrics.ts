/** Measures a running process for Prometheus. */

import { collectDefaultMetrics, Registry } from 'prom-client'
import type { OnStatement } from '../../../postgres/executor/batch.ts'
import type { Observe } from '../../../server/http/observe.ts'
import { countObservations } from './counters.ts'
import { readGauges, type Watched } from './gauges.ts'

/** The metrics of a process. */
export interface Metrics {
  readonly observe: Observe
  readonly onStatement: OnStatement
  /** The backend whose connections and backlog are measured. */
  readonly watch: (watched: Watched) => void
  /** All metrics in the text format of Prometheus, with its media type. */
  readonly text: () => Promise<{ readonly type: string; readonly body: string }>
}

/**
 * Opens the metrics.
 *
 * @param now milliseconds since 1970.
 * @param worker the number of the worker, which is then a label of each metric; null for a process that is none.
 */
export function openMetrics(now: () => number, worker: number | null = null): Metrics {
  const registry = new Registry()
  if (worker !== null) registry.setDefaultLabels({ worker })
  collectDefaultMetrics({ register: registry })
  const gauges = readGauges(registry, now)
  return {
    ...countObservations(registry),
    watch: gauges.watch,
    async text() {
      await gauges.read()
      return { type: registry.contentType, body: await registry.metrics() }
    },
  }
}
