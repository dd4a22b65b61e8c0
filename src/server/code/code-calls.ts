/** The calls of `ctx.db` during one run of code: one after the other, and none after its end. */

import type { Runner } from '../../base/sql/statement.ts'
import type { MaybePromise } from '../../base/waiting/when-ready.ts'

/** One run of code. */
export interface CodeCalls {
  /** Runs the statements of the calls; refuses them after the end. */
  readonly runner: Runner
  /** Runs a call after the calls before it. Rejects after the end. If the code does not wait for a call, its rejection is not unhandled. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** Keeps the error of a refused write, which ends the code even if the code catches it. */
  readonly refuse: (error: unknown) => void
  /** The first refused write; null for none. */
  readonly refused: () => { readonly error: unknown } | null
  /** Adds work for after the commit. */
  readonly afterwards: (work: () => MaybePromise<void>) => void
  /** Runs the work for after the commit. */
  readonly after: () => Promise<void>
  /** Counts written rows, and returns how many there are. */
  readonly count: (rows: number) => number
  /** Whether a call has not ended yet. */
  readonly isBusy: () => boolean
  /** Refuses further calls, and waits for the end of the statement that runs. */
  readonly end: () => Promise<void>
}

const ENDED = 'ctx.db was used after its transaction had ended: await each call before the code returns'

/** Opens the calls of one run in a transaction. */
export function openCodeCalls(runner: Runner): CodeCalls {
  let ended = false
  let refused: { readonly error: unknown } | null = null
  let last: Promise<unknown> = Promise.resolve()
  let pending = 0
  let rows = 0
  const follow: (() => MaybePromise<void>)[] = []
  const open = (): void => {
    if (ended) throw new Error(ENDED)
  }
  return {
    runner: guarded(runner, open),
    inTurn<T>(work: () => Promise<T>): Promise<T> {
      pending++
      const result = last.then(async () => {
        open()
        return work()
      })
      last = result.then(nothing, nothing).finally(() => pending--)
      result.catch(nothing)
      return result
    },
    refuse: (error) => {
      refused ??= { error }
    },
    refused: () => refused,
    afterwards: (work) => void follow.push(work),
    async after() {
      for (const work of follow) await work()
    },
    count: (more) => (rows += more),
    isBusy: () => pending > 0,
    async end() {
      ended = true
      await last
    },
  }
}

function nothing(): void {}

/** The same runner, which checks `open` before each statement, so that a write of several statements stops between two of them. */
function guarded(runner: Runner, open: () => void): Runner {
  const within: Runner = {
    async run(statement, values) {
      open()
      return runner.run(statement, values)
    },
    async runAll(statement, batch) {
      open()
      return runner.runAll(statement, batch)
    },
    async runInOrder(statements, values) {
      open()
      return runner.runInOrder(statements, values)
    },
    transaction: (work, options) => runner.transaction(() => work(within), options),
  }
  return within
}
