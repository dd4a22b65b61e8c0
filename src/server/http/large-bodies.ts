/**
 * Large bodies are worked on a few at a time. Between its arrival and its answer a megabyte of JSON costs the process some twenty megabytes (its text, its
 * values, the statement's parameters, the rows that come back), so that hundreds of bulk creates at the same moment would cost more than a machine has. What
 * waits costs its bytes alone.
 */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'

/** Limits how many large bodies are worked on at once. */
export interface LargeBodies {
  /** Does the work once there is room for a body of so many bytes. @throws Failure `overloaded` when there is none in time. */
  admit<T>(bytes: number, work: () => Promise<T>): Promise<T>
}

/** Smaller ones are never held back. */
const LARGE_BYTES = 65_536

/** Two of the largest at a time: more would only wait for the database. */
const MOST_BYTES = 2 * LIMITS.bodyBytes

/** As long as for a connection. */
const WAIT_MS = 2_000

interface Waiter {
  readonly bytes: number
  readonly enter: () => void
}

/** The room for the large bodies of one server; tells when there are some and when there are none any more. */
export function openLargeBodies(notice: (there: 'some' | 'none') => void = () => {}): LargeBodies {
  let used = 0
  // What has waited longest first; a smaller one does not overtake, or the largest would wait for ever.
  const waiting: Waiter[] = []

  function letIn(): void {
    for (let next = waiting[0]; next !== undefined && used + next.bytes <= MOST_BYTES; next = waiting[0]) {
      waiting.shift()
      used += next.bytes
      next.enter()
    }
  }

  function room(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        bytes,
        enter: () => {
          clearTimeout(timer)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(waiter), 1)
        reject(failure('overloaded', {}, 'too many large bodies at once'))
        letIn()
      }, WAIT_MS)
      waiting.push(waiter)
      letIn()
    })
  }

  let there = 0
  return {
    async admit(bytes, work) {
      if (bytes < LARGE_BYTES) return work()
      await room(bytes)
      if (there++ === 0) notice('some')
      try {
        return await work()
      } finally {
        used -= bytes
        letIn()
        if (--there === 0) notice('none')
      }
    },
  }
}
