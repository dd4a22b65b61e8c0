/** Rows out of the database by COPY, as a stream of text. */

import type pg from 'pg'
import type { Connection } from './connect.ts'

/** A connection as the driver gives it to what it runs. */
type CopyConnection = pg.Connection & { readonly stream: { pause(): void; resume(): void } }

/**
 * Runs `copy (query) to stdout`, in the text format of COPY.
 *
 * @param query a query without parameters, made of names of tables and columns.
 * @param take gets the text as it arrives, whole lines at a time. While its promise is not settled, the server waits.
 * @throws the driver's error, or that of `take`.
 */
export function copyOut(client: Connection, query: string, take: (lines: Buffer) => void | Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: unknown = null
    let taken: Promise<void> = Promise.resolve()
    client.query({
      submit: (connection: CopyConnection) => connection.query(`copy (${query}) to stdout`),
      handleCopyData(message: { readonly chunk: Buffer }, connection: CopyConnection) {
        if (failure !== null) return
        const answer = take(message.chunk)
        if (answer === undefined) return
        connection.stream.pause()
        taken = Promise.all([taken, answer])
          .catch((error: unknown) => {
            failure ??= error
          })
          .then(() => {
            connection.stream.resume()
          })
      },
      handleCommandComplete() {},
      handleError(error: unknown) {
        failure ??= error
        reject(failure)
      },
      handleReadyForQuery: () => {
        void taken.then(() => (failure === null ? resolve() : reject(failure)))
      },
    } as unknown as pg.Submittable)
  })
}
