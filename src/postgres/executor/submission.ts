/** One statement on its way over a connection of `pg`, with as little of the protocol as it takes. */

import type { Row } from '../../base/sql/statement.ts'

/** What it uses of the driver's connection. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void }
  /** The texts that the server has under a name. */
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
 * A statement as the driver takes it (its `Submittable`): parsed on first use of its name, then bound and executed. All columns stay the text that the wire
 * carries, so that their description is not asked for. Without a name it is parsed each time.
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

  /** `done` is called once: with the driver's error, or with null and the rows when the server is ready for more, so that what was written is committed. */
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
