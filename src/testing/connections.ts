/** Connections to the database of a test, a few at a time, because a test may insert many rows at once. */

import { type Connection, withClient } from '../postgres/connect.ts'

/** Passes a connection to `work`, which must leave its session as it was. @throws as `withClient`, and every error of `work` */
export type Connect = <T>(work: (client: Connection) => Promise<T>) => Promise<T>

interface Task {
  /** Never rejects. Resolves with whether the connection can be used for others. */
  readonly run: (client: Connection) => Promise<'usable' | 'unknown'>
  readonly fail: (error: unknown) => void
}

/**
 * Opens connections to a database when they are needed, at most `atMost` at the same time. Further calls wait in their order, and use a
 * connection that is open. A connection is closed when nothing waits.
 */
export function openConnections(url: string, atMost: number): Connect {
  const waiting: Task[] = []
  let open = 0
  const serve = async (): Promise<void> => {
    open++
    try {
      await withClient(url, async (client) => {
        for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) if ((await task.run(client)) === 'unknown') return
      })
    } catch (error) {
      waiting.shift()?.fail(error)
    }
    open--
    if (waiting.length > 0) void serve()
  }
  return (work) =>
    new Promise((resolve, reject) => {
      const run = async (client: Connection): Promise<'usable' | 'unknown'> => {
        try {
          resolve(await work(client))
          return 'usable'
        } catch (error) {
          reject(error)
          return 'unknown'
        }
      }
      waiting.push({ run, fail: reject })
      if (open < atMost) void serve()
    })
}
