/** One at a time for each key, in order of arrival: two attempts at one account must not both count before either has an answer. */

import { failure } from '../../../base/failure.ts'

/** Runs `work` when all earlier work of the key is done, whatever became of it. @throws Failure overloaded when too much of it waits already. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Opens the queues; each holds at most `waiting` pieces of work, and is gone when it is empty. */
export function openTurns(waiting: number): Turns {
  const queues = new Map<string, { length: number; last: Promise<unknown> }>()
  return async (key, work) => {
    const queue = queues.get(key) ?? { length: 0, last: Promise.resolve() }
    if (queue.length > waiting) throw failure('overloaded', {}, 'too many attempts at one account')
    queues.set(key, queue)
    queue.length += 1
    const turn = queue.last.then(work)
    queue.last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      queue.length -= 1
      if (queue.length === 0) queues.delete(key)
    }
  }
}
