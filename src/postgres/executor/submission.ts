/** Sends one statement over a connection of `pg`, with as few protocol messages as possible. */

import type { Row } from '../../base/sql/statement.ts'

/** The part of the driver's connection that is used here. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void }
  /** Texts that the server has prepared, by name. */
  readonly parsedStatements: Readonly<Record<string, string>>
  parse(message: { readonly name: string; readonly text: string; readonly types: undefined }): void
  bind(message: { readonly statement: string; readonly values: readonly (string | null)[] }): void
  execute(message: undefined): void
  sync(): void
}

interface DataRow {
  readonly fields: Row
}

/**
 * A statement in the form that the driver runs (its `Submittable`). It is parsed on the first use of its name, then bound and executed. A
 * statement without a name is parsed each time. Columns stay text, as the server sends them, so no column descriptions are requested.
 *
 * Source: PostgreSQL, "Frontend/Backend Protocol", Extended Query.
 */
export class Submission {
  readonly name: string
  readonly text: string
  readonly #values: readonly (string | null)[]
  readonly #done: (error: unknown, rows: readonly Row[]) => void
  readonly #rows: Row[] = []
  #failed = false

  /**
   * @param done is called once: with the driver's error, or with null and the rows. The server is then ready for the
   *   next statement, so writes are committed.
   */
  constructor(
    statement: { readonly name: string; readonly text: string },
    values: readonly (string | null)[],
    done: (error: unknown, rows: readonly Row[]) => void,
  ) {
    this.name = statement.name
    this.text = statement.text
    this.#values = values
    this.#done = done
  }

  submit(wire: Wire): null {
    wire.stream.cork()
    try {
      this.#write(wire)
    } finally {
      wire.stream.uncork()
    }
    return null
  }

  #write(wire: Wire): void {
    if (this.name === '' || wire.parsedStatements[this.name] === undefined)
      wire.parse({ name: this.name, text: this.text, types: undefined })
    wire.bind({ statement: this.name, values: this.#values })
    wire.execute(undefined)
    wire.sync()
  }

  handleDataRow({ fields }: DataRow): void {
    this.#rows.push(fields)
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (!this.#failed) this.#done(null, this.#rows)
  }

  handleError(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#done(error, [])
  }
}
