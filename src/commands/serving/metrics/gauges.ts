/** Metrics that are read when they are asked for: connections, and the work that waits in the database. */

import { Gauge, type Registry } from 'prom-client'
import type { Backend } from '../../../server/backend.ts'
import type { Backlog } from '../../../server/jobs/backlog.ts'
import { METRICS, type MetricFacts } from './metric-table.ts'

/** What is measured. */
export interface Watched extends Pick<Backend, 'load' | 'backlog'> {
  /** The number of requests that are being answered; absent for a process that serves none. */
  readonly underWay?: () => number
}

/** The gauges of a process. */
export interface Gauges {
  readonly watch: (watched: Watched) => void
  /** Reads all gauges. Never rejects. */
  readonly read: () => Promise<void>
}

/** The backlog is read at most this often, however often it is asked for. */
const EVERY_MS = 5_000

/** Makes the gauges. @param now milliseconds since 1970. */
export function readGauges(registry: Registry, now: () => number): Gauges {
  const gauge = ({ name, help, labels }: MetricFacts): Gauge => new Gauge({ registers: [registry], name, help, labelNames: [...labels] })
  const underWay = gauge(METRICS.requestsUnderWay)
  const pool = { connections: gauge(METRICS.connections), busy: gauge(METRICS.connectionsBusy), waiting: gauge(METRICS.callsWaiting) }
  const backlog = {
    undelivered: gauge(METRICS.undelivered),
    undeliveredSeconds: gauge(METRICS.undeliveredSeconds),
    reactions: gauge(METRICS.reactions),
    jobs: gauge(METRICS.jobs),
    jobLate: gauge(METRICS.jobLate),
  }
  const unreadable = gauge(METRICS.backlogFailed)
  // Without a value a metric is absent: a 0 would say that nothing waits.
  const clear = (): void => {
    for (const one of Object.values(backlog)) one.reset()
    for (const one of [backlog.undelivered, backlog.undeliveredSeconds]) one.remove()
  }
  const show = ({ undelivered, letters = [], jobs = [] }: Backlog): void => {
    clear()
    if (undelivered !== undefined) {
      backlog.undelivered.set(undelivered.events)
      backlog.undeliveredSeconds.set(undelivered.oldestSeconds)
    }
    for (const { reaction, waiting, dead } of letters) {
      backlog.reactions.set({ reaction, state: 'waiting' }, waiting)
      backlog.reactions.set({ reaction, state: 'dead' }, dead)
    }
    for (const { job, waiting, running, dead, next } of jobs) {
      for (const [state, count] of Object.entries({ waiting, running, dead })) backlog.jobs.set({ job, state }, count)
      backlog.jobLate.set({ job }, next === null ? 0 : Math.max(0, (now() - Date.parse(next)) / 1_000))
    }
  }
  clear()
  let watched: Watched | null = null
  let reading: Promise<void> = Promise.resolve()
  let readAt = Number.NEGATIVE_INFINITY
  const readBacklog = async (of: Watched): Promise<void> => {
    try {
      show(await of.backlog())
      unreadable.set(0)
    } catch {
      clear()
      unreadable.set(1)
    }
  }
  return {
    watch(next) {
      watched = next
      readAt = Number.NEGATIVE_INFINITY
    },
    read() {
      if (watched === null) return reading
      const { connections, busy, waiting } = watched.load()
      pool.connections.set(connections)
      pool.busy.set(busy)
      pool.waiting.set(waiting)
      if (watched.underWay !== undefined) underWay.set(watched.underWay())
      if (now() - readAt >= EVERY_MS) {
        readAt = now()
        reading = readBacklog(watched)
      }
      return reading
    },
  }
}
