/**
 * `plinth serve --workers`: the first process starts workers that serve the same port, replaces those that end, and replaces all of them in
 * turn when it is asked to reload (docs/decisions/0105).
 */

import cluster from 'node:cluster'
import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../../../server/http/observe.ts'
import type { Io } from '../../terminal/command.ts'
import { SUPERVISED, WORKER } from '../../terminal/supervision.ts'
import { inTurn } from '../in-turn.ts'
import { type Ended, type WatchedChild, watchChild } from '../watched-child.ts'
import type { FromWorker, ToWorker } from './messages.ts'

/** What the workers are run with. */
export interface WorkersOptions {
  readonly count: number
  readonly io: Io
  readonly log: Log
}

/** The running workers. */
export interface Workers {
  /** The exit code, when all have ended. */
  readonly ended: Promise<number>
  /** The metrics of each worker, in the text format of Prometheus; null for one that does not answer in time. */
  readonly metrics: () => Promise<readonly WorkerMetrics[]>
}

/** What a worker shows. */
export interface WorkerMetrics {
  readonly worker: number
  /** How often this worker was started again. */
  readonly restarts: number
  readonly body: string | null
}

interface Child extends WatchedChild {
  readonly ready: Promise<void>
  readonly send: (message: ToWorker) => void
  readonly show: (id: number) => Promise<string>
}

/** The place of one worker. */
interface Place {
  readonly number: number
  /** The process that serves in this place. */
  child: Child | null
  restarts: number
  pauseMs: number
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** After so long, a worker that ends does not count as one that cannot run. */
const STEADY_MS = 60_000
const READY_MS = 120_000
const METRICS_MS = 2_000

/** Starts the workers. Before the first of them serves, one that refuses to start ends all. */
export function runWorkers({ count, io, log }: WorkersOptions): Workers {
  // File descriptor 3 is the channel of a supervised process, so the messages of the cluster take the next one.
  cluster.setupPrimary({ stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'] })
  const places: readonly Place[] = Array.from({ length: count }, (_, i) => ({
    ...{ number: i + 1, child: null, restarts: 0, pauseMs: FIRST_PAUSE_MS },
  }))
  const alive = new Set<Child>()
  let hasServed = false
  let exit: number | null = null
  let asked = 0
  const over = Promise.withResolvers<number>()

  function start(place: Place): Child {
    const worker = cluster.fork({ [SUPERVISED]: '1', [WORKER]: String(place.number) })
    const watched = watchChild(worker.process, { io, log })
    const ready = Promise.withResolvers<void>()
    const shown = new Map<number, (body: string) => void>()
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'metrics') shown.get(message.id)?.(message.body)
      else {
        hasServed = true
        ready.resolve()
      }
    })
    const child: Child = {
      ...watched,
      ready: ready.promise,
      send: (message) => void (worker.isConnected() && worker.send(message)),
      show: (id) => new Promise((resolve) => shown.set(id, resolve)),
    }
    alive.add(child)
    const began = performance.now()
    void child.ended.then(
      (ended) => onEnded(place, child, { ended, ms: performance.now() - began }),
      () => onEnded(place, child, { ended: { kind: 'ended', code: 1 }, ms: 0 }),
    )
    return child
  }

  async function onEnded(place: Place, child: Child, { ended, ms }: { readonly ended: Ended; readonly ms: number }): Promise<void> {
    alive.delete(child)
    const code = ended.kind === 'ended' ? ended.code : null
    if (exit === null && place.child === child && !hasServed && code !== null && code !== 0) stopAll(code)
    if (exit !== null) {
      if (exit === 0 && code !== 0) exit = code ?? 1
      if (alive.size === 0) over.resolve(exit)
      return
    }
    if (place.child !== child) return
    if (ms >= STEADY_MS) place.pauseMs = FIRST_PAUSE_MS
    log.warn({ worker: place.number, code, pauseMs: place.pauseMs }, 'a worker has ended, and another one takes its place')
    place.restarts++
    await wait(place.pauseMs, undefined, { signal: io.stop }).catch(() => {})
    place.pauseMs = Math.min(place.pauseMs * 2, LONGEST_PAUSE_MS)
    if (exit === null) place.child = start(place)
  }

  function stopAll(code: number): void {
    exit ??= code
    for (const child of alive) child.stop()
    if (alive.size === 0) over.resolve(exit)
  }

  /** Replaces the workers one after the other. The first new one that does not serve ends this, and the others stay. */
  async function reload(): Promise<void> {
    log.info({ workers: count }, 'reloading')
    for (const place of places) {
      if (exit !== null) return
      const [before, next] = [place.child, start(place)]
      const isReady = await Promise.race([
        next.ready.then(() => true),
        next.ended.then(() => false),
        wait(READY_MS, false, { ref: false, signal: io.stop }).catch(() => false),
      ])
      if (!isReady) {
        if (exit === null) next.kill()
        return log.error({ worker: place.number }, 'the new worker does not serve, so the workers stay as they are')
      }
      place.child = next
      before?.send({ kind: 'retire' })
    }
    log.info({ workers: count }, 'reloaded')
  }

  for (const place of places) place.child = start(place)
  const stopReloads = io.onReload?.(inTurn(reload))
  if (io.stop.aborted) stopAll(0)
  else io.stop.addEventListener('abort', () => stopAll(0), { once: true })
  return {
    ended: over.promise.finally(() => stopReloads?.()),
    metrics: () =>
      Promise.all(
        places.map(async ({ number: worker, child, restarts }) => {
          const id = asked++
          const body = child?.show(id) ?? null
          child?.send({ kind: 'show-metrics', id })
          return { worker, restarts, body: await Promise.race([body, wait(METRICS_MS, null, { ref: false })]) }
        }),
      ),
  }
}
