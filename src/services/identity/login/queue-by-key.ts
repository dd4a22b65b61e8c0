/**
 * Runs the work of each key one after the other, in order of arrival. So an attempt at an account counts only after the previous attempt is
 * answered.
 */

import { failure } from '../../../base/failure.ts'

/**
 * Runs `work` after all earlier work of the key has ended or failed. Rejects with the error of `work`.
 *
 * @throws Failure overloaded when too much work waits.
 */
export type QueueByKey = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Opens the queues. `waiting`: the maximum number of waiting tasks of one key. */
export function openQueueByKey(waiting: number): QueueByKey {
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
