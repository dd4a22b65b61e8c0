/**
 * Limits the costly tasks that run and wait. Callers take turns: a caller with many waiting tasks delays another caller by one task. If
 * too many tasks wait, the caller with the most waiting tasks is refused.
 */

import { failure } from '../../../base/failure.ts'
import type { Client } from '../../../postgres/executor/client.ts'

/** The maximum numbers of running and waiting tasks. */
export interface ConcurrencyLimits {
  /** How many tasks may run at this moment; at least 1. */
  readonly running: () => number
  readonly waiting: number
}

/**
 * Runs `work` when it is the turn of its client. Rejects with the error of `work`. Work of the server itself has no client.
 *
 * @throws Failure overloaded when too much work waits; client_gone when the client has disconnected before its turn.
 */
export type ConcurrencyLimit = <T>(work: () => Promise<T>, client: Client | undefined) => Promise<T>

interface Waiting {
  readonly client: Client | undefined
  readonly start: () => void
  readonly refuse: (error: Error) => void
}

/** The waiting work of every caller. */
interface Queues {
  /** The number of tasks that wait. */
  readonly size: () => number
  readonly add: (key: string, one: Waiting) => void
  /** Takes the next work of a connected client. Its caller moves to the end of the queue. */
  readonly takeNext: () => Waiting | undefined
  /** Refuses the newest work of the caller with the most waiting work; returns false when this is the caller `key` itself. */
  readonly makeRoom: (key: string) => boolean
}

function openQueues(): Queues {
  let size = 0
  /** Waiting work by caller. The caller whose turn is next is first. */
  const queues = new Map<string, Waiting[]>()
  return {
    size: () => size,
    add(key, one) {
      size++
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, [one])
      else queue.push(one)
    },
    takeNext() {
      for (const [key, queue] of queues) {
        queues.delete(key)
        for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
          size--
          if (one.client?.gone() === true) {
            one.refuse(failure('client_gone', {}))
            continue
          }
          if (queue.length > 0) queues.set(key, queue)
          return one
        }
      }
      return undefined
    },
    makeRoom(key) {
      let most = (queues.get(key)?.length ?? 0) + 1
      let longest: Waiting[] | undefined
      for (const queue of queues.values()) {
        if (queue.length <= most) continue
        most = queue.length
        longest = queue
      }
      const refused = longest?.pop()
      if (refused === undefined) return false
      size--
      refused.refuse(failure('overloaded', {}, 'too many passwords of this caller to hash'))
      return true
    },
  }
}

/** Makes a limit. */
export function limitConcurrency(limits: ConcurrencyLimits): ConcurrencyLimit {
  let running = 0
  const waiting = openQueues()

  function startNext(): void {
    while (running < limits.running()) {
      const next = waiting.takeNext()
      if (next === undefined) return
      running++
      next.start()
    }
  }

  return async (work, client) => {
    if (client?.gone() === true) throw failure('client_gone', {})
    // The limit may have risen since the last task ended. Waiting tasks start first.
    startNext()
    if (waiting.size() === 0 && running < limits.running()) running++
    else {
      const key = client?.key ?? ''
      if (waiting.size() >= limits.waiting && !waiting.makeRoom(key)) throw failure('overloaded', {}, 'too many passwords to hash')
      await new Promise<void>((resolve, reject) => waiting.add(key, { client, start: resolve, refuse: reject }))
    }
    try {
      return await work()
    } finally {
      running--
      startNext()
    }
  }
}
