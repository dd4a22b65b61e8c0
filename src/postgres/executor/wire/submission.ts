/** Sends one statement over a connection of `pg`, with as few protocol messages as possible. */

import type { Row } from '../../../base/sql/statement.ts'
import type { ReadRow, RowTap } from './row-tap.ts'
import { runMessage } from './run-message.ts'

/** The part of the driver's connection that is used here. */
interface Wire {
  readonly stream: { readonly writable: boolean; cork(): void; uncork(): void; write(bytes: Buffer): boolean }
  /** Texts that the server has prepared, by name. */
  readonly parsedStatements: Readonly<Record<string, string>>
  parse(message: { readonly name: string; readonly text: string; readonly types: undefined }): void
}

interface DataRow {
  readonly fields: Row
}

/** What a submission sends: a statement with its parameters. */
export interface Submitted {
  readonly name: string
  readonly text: string
  readonly values: readonly (string | null)[]
}

/** Reads the rows of a submission in binary format, instead of the driver. */
export interface BinaryRows {
  readonly tap: RowTap
  readonly read: ReadRow
}

/**
 * A statement in the form that the driver runs (its `Submittable`). It is parsed on the first use of its name, then bound and executed. A
 * statement without a name is parsed each time. Columns stay as the server sends them, so no column descriptions are requested: text, or
 * binary for `BinaryRows`.
 *
 * Source: PostgreSQL, "Frontend/Backend Protocol", Extended Query.
 */
export class Submission {
  readonly name: string
  readonly text: string
  readonly #values: readonly (string | null)[]
  readonly #binary: BinaryRows | null
  readonly #done: (error: unknown, rows: readonly Row[]) => void
  readonly #rows: Row[] = []
  #failed = false

  /**
   * @param done is called once: with the error of the driver or of the reader, or with null and the rows that the driver read. The server
   *   is then ready for the next statement, so writes are committed.
   */
  constructor({ name, text, values }: Submitted, binary: BinaryRows | null, done: (error: unknown, rows: readonly Row[]) => void) {
    this.name = name
    this.text = text
    this.#values = values
    this.#binary = binary
    this.#done = done
  }

  submit(wire: Wire): null {
    if (this.#binary !== null) startReading(this.#binary)
    const isKnown = this.name !== '' && wire.parsedStatements[this.name] !== undefined
    if (isKnown) this.#run(wire)
    else this.#parseAndRun(wire)
    return null
  }

  #parseAndRun(wire: Wire): void {
    wire.stream.cork()
    wire.parse({ name: this.name, text: this.text, types: undefined })
    this.#run(wire)
    wire.stream.uncork()
  }

  #run({ stream }: Wire): void {
    // When the connection is lost, the driver ends all submissions with an error.
    if (stream.writable) stream.write(runMessage({ name: this.name, values: this.#values, binary: this.#binary !== null }))
  }

  handleDataRow({ fields }: DataRow): void {
    this.#rows.push(fields)
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    const unread = this.#binary === null ? null : stopReading(this.#binary)
    if (this.#failed) return
    if (unread === null) this.#done(null, this.#rows)
    else this.#done(unread.error, [])
  }

  handleError(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    if (this.#binary !== null) stopReading(this.#binary)
    this.#done(error, [])
  }
}

/**
 * The rows go to `read` itself. A function that was made here for each submission kept its rows in memory until V8 collected its old space.
 */
function startReading({ tap, read }: BinaryRows): void {
  tap.read = read
  tap.unread = null
}

/** Returns the first error of the reader. */
function stopReading({ tap }: BinaryRows): RowTap['unread'] {
  const { unread } = tap
  tap.read = null
  tap.unread = null
  return unread
}
