/** Runs the writes of a reaction or a job, so that the events and jobs that follow from them know how deep they are. */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { DEPTH_SETTING } from '../../model/database.ts'
import type { Executor, PooledRunner } from '../../postgres/executor/execute.ts'

/** Whether a statement may write. One that is merged as a subquery for each call (`lateral`) only reads, and so does one with `read`. */
export function mayWrite({ merge, read }: Pick<Statement<unknown>, 'merge' | 'read'>): boolean {
  return merge !== 'lateral' && read === undefined
}

/**
 * The same executor, whose transactions tell PostgreSQL the depth. Everything that may write runs in a transaction: a call that shares a
 * statement with those of requests would give its depth to their events.
 *
 * @param depth how many reactions and jobs are between the work and the request that began it, with the work itself: from 1.
 */
export function executorAtDepth(executor: Executor, depth: number): Executor {
  const setting = { name: DEPTH_SETTING, value: String(depth) }
  const deep = (runner: PooledRunner): PooledRunner => ({
    run: (statement, values) =>
      mayWrite(statement) ? runner.transaction((within) => within.run(statement, values), { setting }) : runner.run(statement, values),
    runAll: (statement, batch) => runner.transaction((within) => within.runAll(statement, batch), { setting }),
    runInOrder: (statements, values) => runner.transaction((within) => within.runInOrder(statements, values), { setting }),
    transaction: (work, options) => runner.transaction(work, options?.access === 'read only' ? options : { ...options, setting }),
  })
  return { ...executor, ...deep(executor), forClient: (client) => deep(executor.forClient(client)) }
}

/** The error of work that is too deep: it is given up at once. Null for other work. @param depth that of its event, or of the job. */
export function tooDeep(depth: number): string | null {
  return depth < LIMITS.workDepth ? null : failure('work_too_deep', { limit: LIMITS.workDepth }).message
}
