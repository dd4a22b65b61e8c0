/** Wakes the engine of events after a commit of this process. */

import type { Executor, PooledRunner } from '../../postgres/executor/execute.ts'
import { mayWrite } from '../run/executor-at-depth.ts'

/** The same executor, which calls `wake` after everything that may have written rows. A call without effect costs nearly nothing. */
export function wakingExecutor(executor: Executor, wake: () => void): Executor {
  const waking = (runner: PooledRunner): PooledRunner => {
    return {
      run: (statement, values) => {
        const result = runner.run(statement, values)
        return mayWrite(statement) ? result.finally(wake) : result
      },
      runAll: (statement, batch) => runner.runAll(statement, batch).finally(wake),
      runInOrder: (statements, values) => runner.runInOrder(statements, values).finally(wake),
      transaction: (work, options) => runner.transaction(work, options).finally(wake),
    }
  }
  return { ...executor, ...waking(executor), forClient: (client) => waking(executor.forClient(client)) }
}
