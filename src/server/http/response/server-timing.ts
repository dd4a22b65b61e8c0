/**
 * How long a request took, and how long it waited for the database: the field `Server-Timing` (W3C Server Timing), which browsers show in
 * their developer tools. In development only, because in production it would tell callers what they may not see.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Runner } from '../../../base/sql/statement.ts'
import { whenReady } from '../../../base/waiting/when-ready.ts'
import type { Executor, PooledRunner } from '../../../postgres/executor/execute.ts'
import type { Handler } from '../route.ts'

/** The calls to the database of one request. */
class DatabaseTime {
  /** How many calls there were. */
  calls = 0
  #ms = 0
  #running = 0
  #since = 0

  /** Milliseconds in which at least one call was on its way. */
  get ms(): number {
    return this.#ms
  }

  begin(): void {
    if (this.#running === 0) this.#since = performance.now()
    this.#running++
  }

  end(): void {
    this.#running--
    if (this.#running === 0) this.#ms += performance.now() - this.#since
  }
}

const requests = new AsyncLocalStorage<DatabaseTime>()

/** The same handler, whose answers say how long they took. Refusals say nothing. */
export function timedHandler(handler: Handler): Handler {
  return (request) => {
    const began = performance.now()
    const database = new DatabaseTime()
    return requests.run(database, () =>
      whenReady(handler(request), (answer) => {
        const { calls, ms } = database
        const parts = [
          `total;dur=${rounded(performance.now() - began)}`,
          `db;dur=${rounded(ms)};desc="${calls === 1 ? '1 call' : `${calls} calls`}"`,
        ]
        return { ...answer, headers: { 'server-timing': parts.join(', '), ...answer.headers } }
      }),
    )
  }
}

/** The same executor, which counts the calls of the request that is answered. */
export function timedExecutor(executor: Executor): Executor {
  const { run } = timedRunner({ ...executor, run: executor.runReserved })
  return { ...executor, ...timedRunner(executor), forClient: (client) => timedRunner(executor.forClient(client)), runReserved: run }
}

function timedRunner(runner: PooledRunner): PooledRunner {
  const timed: Runner = {
    run: (statement, values) => measured(() => runner.run(statement, values)),
    runAll: (statement, batch) => measured(() => runner.runAll(statement, batch)),
    runInOrder: (statements, values) => measured(() => runner.runInOrder(statements, values)),
    async transaction(work, options) {
      const database = requests.getStore()
      if (database === undefined) return runner.transaction(work, options)
      // Its beginning and its end are time of the database; what runs in it is measured call by call.
      database.begin()
      try {
        return await runner.transaction(async (within) => {
          database.end()
          try {
            return await work(timedRunner(within))
          } finally {
            database.begin()
          }
        }, options)
      } finally {
        database.end()
      }
    },
  }
  return timed
}

async function measured<T>(call: () => Promise<T>): Promise<T> {
  const database = requests.getStore()
  if (database === undefined) return call()
  database.calls++
  database.begin()
  try {
    return await call()
  } finally {
    database.end()
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
