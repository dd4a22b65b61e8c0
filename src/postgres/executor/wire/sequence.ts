/**
 * Sends several statements over a connection of `pg` at once, with one synchronisation at their end. Without `begin`, PostgreSQL runs them
 * in one implicit transaction: the end of the answer is the commit. After an error it skips the statements that follow, and rolls back.
 *
 * Source: PostgreSQL, "Frontend/Backend Protocol", Extended Query, Pipelining.
 */

import type { EventEmitter } from 'node:events'
import type { Row } from '../../../base/sql/statement.ts'

/** A statement to send; without a name it is parsed each time. */
export interface SequencedStatement {
  readonly name: string
  readonly text: string
  readonly values: readonly (string | null)[]
}

/** The part of the driver's connection that is used here. */
interface Wire extends EventEmitter {
  readonly stream: { cork(): void; uncork(): void }
  /** Texts that the server has prepared, by name. */
  readonly parsedStatements: Record<string, string>
  parse(message: { readonly name: string; readonly text: string; readonly types: undefined }): void
  bind(message: { readonly statement: string; readonly values: readonly (string | null)[]; readonly binary: boolean }): void
  execute(message: undefined): void
  sync(): void
}

/** Statements in the form that the driver runs (its `Submittable`). The rows of each are texts. */
export class Sequence {
  /** The driver remembers the name of a statement that it has prepared; this object does so itself. */
  readonly name = ''
  readonly text = ''
  readonly #statements: readonly SequencedStatement[]
  readonly #done: (error: unknown, rows: readonly (readonly Row[])[]) => void
  readonly #rows: Row[][] = [[]]
  readonly #parsing: SequencedStatement[] = []
  #stopCounting: () => void = () => {}
  #failed = false

  /**
   * @param done is called once: with the error of the driver, or with null and the rows of each statement. The server is then ready for the
   *   next statement.
   */
  constructor(statements: readonly SequencedStatement[], done: (error: unknown, rows: readonly (readonly Row[])[]) => void) {
    this.#statements = statements
    this.#done = done
  }

  submit(wire: Wire): null {
    const parsed = (): void => {
      const one = this.#parsing.shift()
      if (one !== undefined && one.name !== '') wire.parsedStatements[one.name] = one.text
    }
    wire.on('parseComplete', parsed)
    this.#stopCounting = () => wire.off('parseComplete', parsed)
    wire.stream.cork()
    try {
      this.#write(wire)
    } finally {
      wire.stream.uncork()
    }
    return null
  }

  #write(wire: Wire): void {
    const sent = new Set<string>()
    for (const one of this.#statements) {
      if (one.name === '' || (wire.parsedStatements[one.name] === undefined && !sent.has(one.name))) {
        wire.parse({ name: one.name, text: one.text, types: undefined })
        this.#parsing.push(one)
        sent.add(one.name)
      }
      wire.bind({ statement: one.name, values: one.values, binary: false })
      wire.execute(undefined)
    }
    wire.sync()
  }

  handleDataRow({ fields }: { readonly fields: Row }): void {
    this.#rows.at(-1)?.push(fields)
  }

  handleCommandComplete(): void {
    this.#rows.push([])
  }

  handleReadyForQuery(): void {
    this.#stopCounting()
    if (!this.#failed) this.#done(null, this.#rows.slice(0, this.#statements.length))
  }

  handleError(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#stopCounting()
    this.#done(error, [])
  }
}
