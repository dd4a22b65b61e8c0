/** Keeps a number of callers busy, each with its next request as soon as the one before is answered. */

import { type HttpConnection, openHttpConnection } from './connection.ts'
import type { ClosedJob, ClosedResult } from './load-job.ts'

/** Requests that are not answered this long after the end are no longer waited for. They do not count. */
const PATIENCE_MS = 5_000

/** Runs a closed measurement. @throws Error if the server accepts no connection. */
export async function runClosed(job: ClosedJob, texts: readonly string[]): Promise<ClosedResult> {
  const { port, callers, warmSeconds, seconds } = job
  const statuses = new Set<number>()
  const [start, over] = [performance.now() + warmSeconds * 1_000, Promise.withResolvers<void>()]
  const connections = new Set<HttpConnection>()
  const end = start + seconds * 1_000
  let [next, requests, failed] = [0, 0, 0]
  const take = (): string => texts[next++ % texts.length] ?? ''
  const count = (status: number): void => {
    const now = performance.now()
    if (now < start || now >= end) return
    requests++
    if (status >= 200 && status < 300) return
    failed++
    statuses.add(status)
  }
  const caller = async (): Promise<void> => {
    const done = Promise.withResolvers<void>()
    const connection = await openHttpConnection(
      port,
      {
        answered({ status }) {
          count(status)
          if (performance.now() < end) return connection.send(take())
          connections.delete(connection)
          connection.close()
          done.resolve()
        },
        lost() {
          // The server closed the connection: this caller goes on with another one.
          connections.delete(connection)
          count(0)
          if (performance.now() >= end) done.resolve()
          else caller().then(done.resolve, done.reject)
        },
      },
      { for: 'status' },
    )
    connections.add(connection)
    connection.send(take())
    await done.promise
  }
  const timer = setTimeout(over.resolve, (warmSeconds + seconds) * 1_000 + PATIENCE_MS)
  const cpu = process.cpuUsage()
  const began = performance.now()
  try {
    await Promise.race([Promise.all(Array.from({ length: callers }, caller)), over.promise])
  } finally {
    clearTimeout(timer)
    for (const connection of connections) connection.close()
  }
  const { user, system } = process.cpuUsage(cpu)
  const busy = (user + system) / 1_000 / (performance.now() - began)
  return { kind: 'closed', requests, failed, seconds, busy, statuses: [...statuses].sort((a, b) => a - b) }
}
