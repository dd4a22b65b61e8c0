/** The calls of `db` outside of a transaction: each is a transaction of its own. */

import type { MaybePromise } from '../../base/waiting/when-ready.ts'
import type { PooledRunner } from '../../postgres/executor/execute.ts'
import type { CodeCalls } from '../code/code-calls.ts'

/** Opens calls that do not depend on each other and may run at the same time. */
export function openSingleCalls(runner: PooledRunner): CodeCalls {
  let running = 0
  const follow: (() => MaybePromise<void>)[] = []
  const after = async (): Promise<void> => {
    for (const work of follow.splice(0)) await work()
  }
  return {
    runner,
    async inTurn(work) {
      running++
      try {
        const result = await work()
        await after()
        return result
      } finally {
        running--
      }
    },
    refuse: () => {},
    refused: () => null,
    afterwards: (work) => void follow.push(work),
    after,
    count: (rows) => rows,
    isBusy: () => running > 0,
    end: async () => {},
  }
}
