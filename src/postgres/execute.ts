/** Runs statements over a fixed number of connections. What waits, waits in order, in a queue that has an end. */

import { failure } from '../base/failure.ts'
import { type Rendered, render, renderCalls } from '../base/sql.ts'
import type { Row, Statement, Values } from '../base/statement.ts'
import { type Lane, openLane } from './lane.ts'

export interface Executor {
  /** Runs one call of a statement. */
  run(statement: Statement, values: Values): Promise<readonly Row[]>
  /** Runs many calls as one statement, all or nothing; only for statements that merge by `calls`. Rows come with their `ord`, in no order. */
  runAll(statement: Statement, calls: readonly Values[]): Promise<readonly Row[]>
  /** Like `run`, over a connection kept for what must answer under load: health and login. */
  runReserved(statement: Statement, values: Values): Promise<readonly Row[]>
  close(): Promise<void>
}

export interface ExecutorOptions {
  readonly url: string
  readonly lanes: number
  readonly statementTimeoutMs: number
  /** Called with the text of each statement that is sent; for logs and for tests that count. */
  readonly onStatement?: (name: string, text: string) => void
}

/** A call waits at most this long for a connection; then the server says that it is overloaded. */
const ACQUIRE_TIMEOUT_MS = 3000
const MAX_WAITING = 1000
const CONNECT_TIMEOUT_MS = 3000

/** Opens the executor; connections are made as they are needed. */
export function openExecutor(options: ExecutorOptions): Executor {
  const lane = { url: options.url, statementTimeoutMs: options.statementTimeoutMs, connectTimeoutMs: CONNECT_TIMEOUT_MS }
  const ordinary = openPool(Array.from({ length: options.lanes }, () => openLane(lane)))
  const reserved = openPool([openLane(lane)])
  const send = (pool: Pool, statement: Statement, rendered: Rendered, parameters: readonly unknown[]) =>
    pool.withLane((l) => {
      options.onStatement?.(statement.name, rendered.text)
      return l.query(rendered.text, parameters)
    })
  const runOn = (pool: Pool, statement: Statement, values: Values) => {
    const rendered = single(statement)
    return send(
      pool,
      statement,
      rendered,
      rendered.slots.map((slot) => values[slot.key] ?? null),
    )
  }
  return {
    run: (statement, values) => runOn(ordinary, statement, values),
    runReserved: (statement, values) => runOn(reserved, statement, values),
    runAll(statement, calls) {
      if (statement.merge !== 'calls') throw new Error(`${statement.name} does not take many calls`)
      const rendered = many(statement)
      return send(
        ordinary,
        statement,
        rendered,
        rendered.slots.map((slot) => calls.map((values) => values[slot.key] ?? null)),
      )
    },
    async close() {
      await Promise.all([ordinary.close(), reserved.close()])
    },
  }
}

const singles = new WeakMap<Statement, Rendered>()
const manies = new WeakMap<Statement, Rendered>()

function single(statement: Statement): Rendered {
  return cached(singles, statement, render)
}

function many(statement: Statement): Rendered {
  return cached(manies, statement, renderCalls)
}

function cached(cache: WeakMap<Statement, Rendered>, statement: Statement, make: (sql: Statement['sql']) => Rendered): Rendered {
  const known = cache.get(statement)
  if (known !== undefined) return known
  const made = make(statement.sql)
  cache.set(statement, made)
  return made
}

interface Pool {
  withLane<T>(work: (lane: Lane) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface Waiter {
  readonly start: (lane: Lane) => void
  readonly timer: NodeJS.Timeout
}

function openPool(lanes: readonly Lane[]): Pool {
  const free = [...lanes]
  const waiting = new Set<Waiter>()
  let closed = false

  function acquire(): Promise<Lane> {
    if (closed) return Promise.reject(failure('shutting_down', {}))
    const lane = free.pop()
    if (lane !== undefined) return Promise.resolve(lane)
    if (waiting.size >= MAX_WAITING) return Promise.reject(failure('overloaded', {}))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(waiter)
        reject(failure('overloaded', {}, 'no connection became free in time'))
      }, ACQUIRE_TIMEOUT_MS)
      const waiter: Waiter = { start: resolve, timer }
      waiting.add(waiter)
    })
  }

  function release(lane: Lane): void {
    const [next] = waiting
    if (next === undefined) {
      free.push(lane)
      return
    }
    waiting.delete(next)
    clearTimeout(next.timer)
    next.start(lane)
  }

  return {
    async withLane(work) {
      const lane = await acquire()
      try {
        return await work(lane)
      } finally {
        release(lane)
      }
    },
    async close() {
      closed = true
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}
