/** A statement that the executor can run: fixed text with typed slots, filled anew by every call. */

import { LIMITS } from '../limits.ts'
import type { Sql } from './sql.ts'

/** Bytes of the JSON of an answer. For a larger answer PostgreSQL gives null, so that no process has to hold it. */
export const MAX_ANSWER_BYTES = LIMITS.answerBytes

/**
 * Settings that no session has. A statement whose answer gets too many rows or bytes reads one of them and fails: SQLSTATE 42704, with the
 * name of the setting in the message, whatever its language.
 */
export const TOO_MANY_ROWS = 'plinth.too_many_rows'
/** The same for bytes. */
export const TOO_MANY_BYTES = 'plinth.too_many_bytes'

/** A statement, and what the executor may do with calls of it. */
export interface Statement {
  /** Tells statements apart in logs and measurements; not unique. */
  readonly name: string
  readonly sql: Sql
  /**
   * How calls of it may share one round trip. `lateral`: it only reads, so it can be a lateral subquery for each call. `calls`: its text
   * reads from `call` and starts its output with `ord`, so it takes any number of calls without a change. Absent: every call runs singly.
   */
  readonly merge?: 'lateral' | 'calls'
  /** For `lateral`: the columns that hold the JSON of an answer, of which calls may share parts. */
  readonly json?: readonly string[]
  /**
   * The slot with the id of the row that a call writes. Calls for the same row never share a statement. A call that gets no row from a
   * merged statement, because the row does not exist or is locked, runs again singly.
   */
  readonly distinct?: string
  /** Runs before it in the same transaction: a lock under which the statement then sees what others have committed. */
  readonly before?: Statement
}

/** A value for a slot, in PostgreSQL's text form or as an equal JavaScript value; lists are array literals. */
export type Value = string | number | boolean | null

/** The values of one call, by slot key. A slot without a value gets null. */
export type Values = Readonly<Record<string, Value>>

/** A row as PostgreSQL sends it: the text of each column, or null. */
export type Row = readonly (string | null)[]

/** Runs one call of a statement and returns its rows. Rejects with the driver's error, or with a `Failure` when it was not run. */
export type Run = (statement: Statement, values: Values) => Promise<readonly Row[]>

/** Where statements run: each by itself, or all of them in one transaction. */
export interface Runner {
  readonly run: Run
  /**
   * Runs many calls as one statement, all or nothing; only for statements that merge. Each row begins with the `ord` of its call,
   * from 1; they come in no order.
   */
  readonly runAll: (statement: Statement, batch: readonly Values[]) => Promise<readonly Row[]>
  /**
   * Runs several statements in one transaction (Read Committed): a new one, or the transaction that runs already. If `work` rejects, the
   * transaction is rolled back and the error is passed on.
   */
  readonly transaction: <T>(work: (runner: Runner) => Promise<T>) => Promise<T>
}
