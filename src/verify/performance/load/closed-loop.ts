/** Keeps a number of callers busy, each with its next request as soon as the one before is answered. */

import { openHttpConnection } from './connection.ts'
import type { ClosedJob, ClosedResult } from './load-job.ts'

/** A server that answers no request for this long has stopped. */
const PATIENCE_MS = 10_000

/** Runs a closed measurement. @throws Error if the server accepts no connection, or stops answering. */
export async function runClosed(job: ClosedJob, texts: readonly string[]): Promise<ClosedResult> {
  const { port, callers, warmSeconds, seconds } = job
  const statuses = new Set<number>()
  const [start, lost] = [performance.now() + warmSeconds * 1_000, Promise.withResolvers<never>()]
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
          connection.close()
          done.resolve()
        },
        lost() {
          // The server closed the connection: this caller goes on with another one.
          count(0)
          if (performance.now() >= end) done.resolve()
          else caller().then(done.resolve, done.reject)
        },
      },
      { for: 'status' },
    )
    connection.send(take())
    await done.promise
  }
  const timer = setTimeout(() => lost.reject(new Error('the server has stopped answering')), (warmSeconds + seconds) * 1_000 + PATIENCE_MS)
  const cpu = process.cpuUsage()
  const began = performance.now()
  try {
    await Promise.race([Promise.all(Array.from({ length: callers }, caller)), lost.promise])
  } finally {
    clearTimeout(timer)
  }
  const { user, system } = process.cpuUsage(cpu)
  const busy = (user + system) / 1_000 / (performance.now() - began)
  return { kind: 'closed', requests, failed, seconds, busy, statuses: [...statuses].sort((a, b) => a - b) }
}
