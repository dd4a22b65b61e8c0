/** Sends requests at times that are set beforehand, and measures each from the time at which it was due. */

import { exponential, randomOf } from '../statistics/random.ts'
import { type HttpAnswer, type HttpConnection, isAnswered, lookFor, openHttpConnection } from './connection.ts'
import type { OpenJob, OpenResult } from './load-job.ts'

/** The most requests that are open at once. Those above it failed at the time at which they were due. */
export const MOST_OPEN = 2_000
/** Connections that are open before the first request. Many that are opened at once would wait for one another. */
const READY = 256
/**
 * Timers are no finer than a millisecond. A request may leave this much before it is due, and is then measured from when it left, so
 * that no latency becomes shorter.
 */
const EARLY_MS = 0.5
const LATE_MS = 1
const LEAD_MS = 20
/** Requests that are not answered this long after the last was due have failed. */
const PATIENCE_MS = 5_000

/** The times at which requests are due, in milliseconds: gaps are exponential, so the arrivals do not depend on one another. */
export function arrivals(rate: number, seconds: number, seed: number): Float64Array {
  const random = randomOf(seed)
  const due: number[] = []
  for (let at = exponential(random, 1_000 / rate); at < seconds * 1_000; at += exponential(random, 1_000 / rate)) due.push(at)
  return Float64Array.from(due)
}

/** Runs an open measurement. @throws Error if the server accepts no connection. */
export async function runOpen(job: OpenJob, texts: readonly string[]): Promise<OpenResult> {
  const due = arrivals(job.rate, job.seconds, job.seed)
  const ms = new Float64Array(due.length).fill(Number.POSITIVE_INFINITY)
  const which = Uint32Array.from({ length: due.length }, (_, i) => i % texts.length)
  const statuses = new Set<number>()
  const look = lookFor(texts)
  const idle: Sender[] = []
  const senders: Sender[] = []
  let open = 0
  let late = 0
  let begun = 0
  const ended = (i: number, answer: HttpAnswer): void => {
    open--
    if (isAnswered(answer)) ms[i] = performance.now() - begun - Math.min(due[i] ?? 0, sentAt[i] ?? 0)
    else statuses.add(answer.status)
  }
  const sentAt = new Float64Array(due.length)
  const connected = async (): Promise<Sender> => {
    const sender = await openSender({ port: job.port, look }, idle, ended)
    senders.push(sender)
    return sender
  }
  for (let i = 0; i < READY; i++) idle.push(await connected())
  begun = performance.now() + LEAD_MS
  const cpu = process.cpuUsage()
  const send = (i: number): void => {
    const now = performance.now() - begun
    sentAt[i] = now
    if (now - (due[i] ?? 0) > LATE_MS) late++
    if (open >= MOST_OPEN) {
      statuses.add(0)
      return
    }
    open++
    const text = texts[which[i] ?? 0] ?? ''
    const free = idle.pop()
    if (free !== undefined) free.send(i, text)
    else
      connected().then(
        (sender) => sender.send(i, text),
        () => ended(i, NO_ANSWER),
      )
  }
  await sendAll(due, () => performance.now() - begun, send)
  const { user, system } = process.cpuUsage(cpu)
  const busy = (user + system) / 1_000 / (performance.now() - begun + LEAD_MS)
  const until = performance.now() + PATIENCE_MS
  while (open > 0 && performance.now() < until) await pause(2)
  if (open > 0) statuses.add(0)
  for (const sender of senders) sender.close()
  return {
    kind: 'open',
    due,
    ms,
    which,
    late: due.length === 0 ? 0 : late / due.length,
    busy,
    statuses: [...statuses].sort((a, b) => a - b),
  }
}

/** Calls `send` for each request when it is due, until all are sent. */
async function sendAll(due: Float64Array, now: () => number, send: (i: number) => void): Promise<void> {
  let next = 0
  while (next < due.length) {
    for (const until = now() + EARLY_MS; next < due.length && (due[next] ?? 0) <= until; next++) send(next)
    const wait = next < due.length ? (due[next] ?? 0) - now() : 0
    await pause(Math.max(1, Math.floor(wait)))
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

const NO_ANSWER: HttpAnswer = { status: 0, errors: false }

interface Sender {
  readonly send: (i: number, text: string) => void
  readonly close: () => void
}

/** A connection that goes back to the idle ones after each answer. One that the server closes is not used again. */
async function openSender(
  { port, look }: { readonly port: number; readonly look: Parameters<typeof openHttpConnection>[2]['for'] },
  idle: Sender[],
  ended: (i: number, answer: HttpAnswer) => void,
): Promise<Sender> {
  let current = -1
  const listener = {
    answered(answer: HttpAnswer): void {
      const i = current
      current = -1
      idle.push(sender)
      ended(i, answer)
    },
    lost(): void {
      const at = idle.indexOf(sender)
      if (at !== -1) idle.splice(at, 1)
      if (current !== -1) ended(current, NO_ANSWER)
      current = -1
    },
  }
  const connection: HttpConnection = await openHttpConnection(port, listener, { for: look })
  const sender: Sender = {
    send(i, text) {
      current = i
      connection.send(text)
    },
    close: () => connection.close(),
  }
  return sender
}
