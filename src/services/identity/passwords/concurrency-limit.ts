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

/** Makes a limit. */
export function limitConcurrency(limits: ConcurrencyLimits): ConcurrencyLimit {
  let running = 0
  let waiting = 0
  /** Waiting work by caller. The caller whose turn is next is first. */
  const queues = new Map<string, Waiting[]>()

  function add(key: string, one: Waiting): void {
    waiting++
    const queue = queues.get(key)
    if (queue === undefined) queues.set(key, [one])
    else queue.push(one)
  }

  /** Takes the next work of a connected client. Its caller moves to the end of the queue. */
  function takeNext(): Waiting | undefined {
    for (const [key, queue] of queues) {
      queues.delete(key)
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        waiting--
        if (one.client?.gone() === true) {
          one.refuse(failure('client_gone', {}))
          continue
        }
        if (queue.length > 0) queues.set(key, queue)
        return one
      }
    }
    return undefined
  }

  function startNext(): void {
    while (running < limits.running()) {
      const next = takeNext()
      if (next === undefined) return
      running++
      next.start()
    }
  }

  /** Refuses the newest work of the caller with the most waiting work; returns false when this is the caller `key` itself. */
  function makeRoom(key: string): boolean {
    let most = (queues.get(key)?.length ?? 0) + 1
    let greediest: string | undefined
    for (const [other, queue] of queues) {
      if (queue.length <= most) continue
      most = queue.length
      greediest = other
    }
    const refused = greediest === undefined ? undefined : queues.get(greediest)?.pop()
    if (refused === undefined) return false
    waiting--
    refused.refuse(failure('overloaded', {}, 'too many passwords of this caller to hash'))
    return true
  }

  return async (work, client) => {
    if (client?.gone() === true) throw failure('client_gone', {})
    // The limit may have risen since the last task ended. Waiting tasks start first.
    startNext()
    if (waiting === 0 && running < limits.running()) running++
    else {
      const key = client?.key ?? ''
      if (waiting >= limits.waiting && !makeRoom(key)) throw failure('overloaded', {}, 'too many passwords to hash')
      await new Promise<void>((resolve, reject) => add(key, { client, start: resolve, refuse: reject }))
    }
    try {
      return await work()
    } finally {
      running--
      startNext()
    }
  }
}
