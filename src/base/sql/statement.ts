/** A statement that the executor can run: fixed text with typed slots, filled anew by every call. */

import { LIMITS } from '../limits.ts'
import type { Sql } from './sql.ts'

/** Bytes of the JSON of an answer. For a larger answer PostgreSQL gives null, so that no process has to hold it. */
export const MAX_ANSWER_BYTES = LIMITS.answerBytes

/**
 * Settings that no session has. A statement whose answer gets too many rows or bytes reads one of them and fails: SQLSTATE 42704, with the
 * name of the setting in the message, in every language.
 */
export const TOO_MANY_ROWS = 'plinth.too_many_rows'
/** The same for bytes. */
export const TOO_MANY_BYTES = 'plinth.too_many_bytes'
/** The same for a statement of an action that stops the action; the number of the reason follows. */
export const STOP_SETTING = 'plinth.stop_'
/** The same for a statement that finds a row that breaks a check over relations; the number of the check follows. */
export const BROKEN_CHECK = 'plinth.broken_'

/**
 * A statement, and what the executor may do with calls of it. `R` is the result of a call: its rows as text, or what `read` makes of them.
 */
export interface Statement<R = readonly Row[]> {
  /** Tells statements apart in logs and measurements; not unique. */
  readonly name: string
  readonly sql: Sql
  /**
   * A shorter form of `sql` for one call. It returns the same row as `sql` when the call writes, and otherwise does nothing and returns no
   * row; then `sql` runs. Only for statements without `read`.
   */
  readonly short?: Sql | undefined
  /**
   * How calls of it may share one round trip. `lateral`: it only reads, so it can be a lateral subquery for each call. `calls`: its text
   * reads from `call` and starts its output with `ord`, so it takes any number of calls without a change. Absent: every call runs singly.
   */
  readonly merge?: 'lateral' | 'calls'
  /** For `lateral`: the columns that hold the JSON of an answer, of which calls may share parts. */
  readonly json?: readonly string[]
  /**
   * The slots with the ids of the rows that a call writes. Calls for the same row never share a statement. A call that gets no row from a
   * merged statement, because the row does not exist or is locked, runs again singly.
   */
  readonly distinct?: readonly string[]
  /** Runs before it in the same transaction and takes a lock. The statement then sees what others committed before the lock. */
  readonly before?: Statement
  /** Reads the rows of a call from PostgreSQL's binary format; absent when the result is the rows as text. Only for `lateral`. */
  readonly read?: ResultReader<R>
}

/** Makes the result of a call from its rows in PostgreSQL's binary format. */
export interface ResultReader<R> {
  /** Begins the result of one call. */
  readonly open: () => RowReader<R>
  /** The length of a result, in bytes. */
  size(result: R): number
}

/** Reads the rows of one call, one after the other as they arrive. */
export interface RowReader<R> {
  /**
   * Reads a row. Its columns begin at offset `at` of `bytes`: of each the number of bytes as 32 bits (-1 for null), then the bytes. The
   * bytes do not change afterwards.
   */
  readonly add: (bytes: Buffer, at: number) => void
  /** The result, after the last row. */
  readonly end: () => R
}

/** A value for a slot, in PostgreSQL's text form or as an equal JavaScript value; lists are array literals. */
export type Value = string | number | boolean | null

/** The values of one call, by slot key. A slot without a value gets null. */
export type Values = Readonly<Record<string, Value>>

const sealedValues = new WeakSet<Values>()

/** Marks values whose encrypted fields are encrypted. */
export function asSealed(values: Values): Values {
  sealedValues.add(values)
  return values
}

/** Whether encrypted fields of these values are encrypted. */
export function areSealed(values: Values): boolean {
  return sealedValues.has(values)
}

/** A row as PostgreSQL sends it: the text of each column, or null. */
export type Row = readonly (string | null)[]

/** Runs one call of a statement and returns its result. Rejects with the driver's error, or with a `Failure` when it was not run. */
export type Run = <R = readonly Row[]>(statement: Statement<R>, values: Values) => Promise<R>

/**
 * What a transaction sees of others: with Read Committed each of its statements what was committed before the statement, with Serializable
 * what some order of the serializable transactions gives. Source: PostgreSQL, "Transaction Isolation".
 */
export type Isolation = 'read committed' | 'serializable'

/** How a new transaction runs. */
export interface TransactionOptions {
  /** The timeout of the whole transaction in milliseconds, from the moment when it has a connection. */
  readonly withinMs?: number | undefined
  /** Read Committed unless given. */
  readonly isolation?: Isolation | undefined
  /** Whether it may write; it may unless this is `read only`. */
  readonly access?: 'read only' | undefined
  /** A setting that holds until the end of a new transaction. */
  readonly setting?: { readonly name: string; readonly value: string } | undefined
}

/** Where statements run: each alone, or all of them in one transaction. */
export interface Runner {
  readonly run: Run
  /**
   * Runs many calls as one statement, all or nothing; only for statements that merge. Each row begins with the `ord` of its call,
   * from 1; they come in no order.
   */
  readonly runAll: (statement: Statement, batch: readonly Values[]) => Promise<readonly Row[]>
  /**
   * Runs several statements in order, in one transaction (Read Committed) and without waiting between them: a new transaction, or the one
   * that runs already. All read the same values. Returns the rows of each. After a deadlock a new transaction is run again.
   */
  readonly runInOrder: (statements: readonly Statement[], values: Values) => Promise<readonly (readonly Row[])[]>
  /**
   * Runs several statements in one transaction: a new one with these options, or the transaction that runs already. If `work` rejects, the
   * transaction is rolled back and the error is passed on. After a deadlock or a serialization failure a new transaction is run again.
   *
   * @throws Error for Serializable within a transaction that is not.
   */
  readonly transaction: <T>(work: (runner: Runner) => Promise<T>, options?: TransactionOptions) => Promise<T>
}
