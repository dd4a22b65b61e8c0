/** Rows into a table by COPY, the fastest way that PostgreSQL has. */

import type pg from 'pg'
import type { Connection } from './connect.ts'

/** A table, and columns in the order of the values. */
export interface CopyTarget {
  /** `public` unless given. */
  readonly schema?: string
  readonly table: string
  readonly columns: readonly string[]
}

/** Texts of whole lines. */
type Chunks = Iterable<string> | AsyncIterable<string>

/** A connection as the driver gives it to what it runs. Its types leave the methods of COPY out. */
type CopyConnection = pg.Connection & {
  readonly sendCopyFromChunk: (chunk: Buffer) => void
  readonly endCopyFrom: () => void
  readonly sendCopyFail: (message: string) => void
}

/**
 * Copies rows. A row is a line of values with tabs between them, as `copyValue` writes them. Values of identity columns are kept.
 *
 * @param chunks whole lines; many in one text are faster. They are taken as the server reads.
 * @throws the driver's error for a row that breaks a constraint, and whatever `chunks` throws. No row is then there.
 */
export function copyRows(client: Connection, { schema = 'public', table, columns }: CopyTarget, chunks: Chunks): Promise<void> {
  const text = `copy ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)} (${columns.map((column) => client.escapeIdentifier(column)).join(', ')}) from stdin`
  return new Promise((resolve, reject) => {
    let failure: unknown = null
    client.query({
      submit: (connection: CopyConnection) => connection.query(text),
      handleCopyInResponse(connection: CopyConnection) {
        send(connection, chunks, () => failure !== null).catch((error: unknown) => {
          failure ??= error
          connection.sendCopyFail('the rows could not be made')
        })
      },
      handleCommandComplete() {},
      handleError(error: unknown) {
        failure ??= error
        reject(failure)
      },
      handleReadyForQuery: () => (failure === null ? resolve() : reject(failure)),
    } as unknown as pg.Submittable)
  })
}

async function send(connection: CopyConnection, chunks: Chunks, isOver: () => boolean): Promise<void> {
  const { stream } = connection
  for await (const chunk of chunks) {
    if (isOver()) return
    connection.sendCopyFromChunk(Buffer.from(chunk))
    if (stream.writableNeedDrain) await drained(stream)
    if (stream.destroyed) return
  }
  connection.endCopyFrom()
}

/** Waits until a stream takes more, or is closed. */
function drained(stream: CopyConnection['stream']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
  })
}

/** A value in the text format of COPY. @param text as PostgreSQL reads the type; null for NULL. */
export function copyValue(text: string | null): string {
  return text === null ? '\\N' : text.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
