/** Keeps a number of callers busy, each with its next request as soon as the one before is answered. */

import { type HttpAnswer, type HttpConnection, isAnswered, lookFor, openHttpConnection } from './connection.ts'
import type { ClosedJob, ClosedResult } from './load-job.ts'

/** Requests that are not answered this long after the end are no longer waited for. They do not count. */
const PATIENCE_MS = 5_000

/** Runs a closed measurement. @throws Error if the server accepts no connection. */
export async function runClosed(job: ClosedJob, texts: readonly string[]): Promise<ClosedResult> {
  const { ports, callers, warmSeconds, seconds, once = false } = job
  const statuses = new Set<number>()
  const look = lookFor(texts)
  const [start, over] = [performance.now() + warmSeconds * 1_000, Promise.withResolvers<void>()]
  const connections = new Set<HttpConnection>()
  const end = start + seconds * 1_000
  let [next, requests, failed] = [0, 0, 0]
  const isOver = (): boolean => performance.now() >= end || (once && next >= texts.length)
  const take = (): string => texts[next++ % texts.length] ?? ''
  let last = start
  const count = (answer: HttpAnswer): void => {
    const now = performance.now()
    if (now < start || now >= end) return
    requests++
    last = now
    if (isAnswered(answer)) return
    failed++
    statuses.add(answer.status)
  }
  const caller = async (n: number): Promise<void> => {
    if (isOver()) return
    const done = Promise.withResolvers<void>()
    const connection = await openHttpConnection(
      ports[n % ports.length] ?? 0,
      {
        answered(answer) {
          count(answer)
          if (!isOver()) return connection.send(take())
          connections.delete(connection)
          connection.close()
          done.resolve()
        },
        lost() {
          // The server closed the connection: this caller goes on with another one.
          connections.delete(connection)
          count({ status: 0, errors: false })
          if (isOver()) done.resolve()
          else caller(n).then(done.resolve, done.reject)
        },
      },
      { for: look },
    )
    // Others may have sent the rest meanwhile.
    if (isOver()) return connection.close()
    connections.add(connection)
    connection.send(take())
    await done.promise
  }
  const timer = setTimeout(over.resolve, (warmSeconds + seconds) * 1_000 + PATIENCE_MS)
  const cpu = process.cpuUsage()
  const began = performance.now()
  try {
    await Promise.race([Promise.all(Array.from({ length: callers }, (_, n) => caller(n))), over.promise])
  } finally {
    clearTimeout(timer)
    for (const connection of connections) connection.close()
  }
  const { user, system } = process.cpuUsage(cpu)
  const busy = (user + system) / 1_000 / (performance.now() - began)
  const measured = once && next >= texts.length ? Math.max(last - start, 1) / 1_000 : seconds
  return { kind: 'closed', requests, failed, seconds: Math.min(seconds, measured), busy, statuses: [...statuses].sort((a, b) => a - b) }
}
