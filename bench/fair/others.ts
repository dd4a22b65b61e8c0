/** The other callers: a steady stream of requests of other accounts from other addresses, and the duration of each. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Asking, ask, type Told } from './client.ts'

/** The requests of the other callers, one after the other at a fixed rate. */
export interface Stream {
  readonly title: string
  /** Milliseconds between the starts of two requests. */
  readonly everyMs: number
  /** The n-th request. */
  readonly make: (n: number) => Asking
}

/** The results of a stream. Times are milliseconds from the moment at which a request was due. */
export interface Seen {
  readonly requests: number
  readonly failed: number
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Sends a stream until the work is done, and waits for the last answer. */
export async function besides<T>(stream: Stream, work: () => Promise<T>): Promise<{ readonly seen: Seen; readonly result: T }> {
  const answers: Promise<Told>[] = []
  const running = { on: true }
  const sending = (async () => {
    const began = performance.now()
    for (let n = 0; running.on; n++) {
      const due = began + n * stream.everyMs
      await sleep(Math.max(0, due - performance.now()))
      answers.push(ask(stream.make(n)).then((told) => ({ ...told, ms: performance.now() - due })))
    }
  })()
  let result: T
  try {
    result = await work()
  } finally {
    running.on = false
    await sending
  }
  return { seen: summaryOf(await Promise.all(answers)), result }
}

function summaryOf(answers: readonly Told[]): Seen {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? Number.NaN
  const statuses = new Map<number, number>()
  for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const failed = answers.filter(({ status }) => status < 200 || status >= 300).length
  return { requests: answers.length, failed, statuses, p50: at(0.5), p99: at(0.99), max: at(1) }
}
