/**
 * Limits how many large bodies are handled at the same time. One megabyte of JSON needs about twenty megabytes of memory until the answer
 * (text, values, parameters, returned rows), so hundreds of bulk creates at once could exhaust the memory. A waiting request needs only its
 * bytes.
 */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { MaybePromise } from '../../base/waiting/when-ready.ts'

/** Limits the number of large bodies that are handled at once. */
export interface LargeBodies {
  /** Runs `work` when there is room for a body of this size. @throws Failure `overloaded` when there is no room within 2 s. */
  admit<T>(bytes: number, work: () => MaybePromise<T>): MaybePromise<T>
}

/** A body below this size never waits. */
const LARGE_BYTES = 65_536

/** Whether a body of this size is counted. */
export function isLargeBody(bytes: number): boolean {
  return bytes >= LARGE_BYTES
}

/** Room for two of the largest bodies: more of them would only wait for the database. */
const MOST_BYTES = 2 * LIMITS.bodyBytes

/** The maximum wait for room; the same as for a connection. */
const WAIT_MS = 2_000

interface Waiter {
  readonly bytes: number
  readonly enter: () => void
}

/** Limits the large bodies of one server. Calls `notice` when the first one is being handled and when the last one is done. */
export function openLargeBodies(notice: (there: 'some' | 'none') => void = () => {}): LargeBodies {
  let used = 0
  // The queue is in order of arrival: if smaller bodies could overtake, the largest body might never start.
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
  async function admitLarge<T>(bytes: number, work: () => MaybePromise<T>): Promise<T> {
    await room(bytes)
    if (there++ === 0) notice('some')
    try {
      return await work()
    } finally {
      used -= bytes
      letIn()
      if (--there === 0) notice('none')
    }
  }

  return { admit: (bytes, work) => (isLargeBody(bytes) ? admitLarge(bytes, work) : work()) }
}
