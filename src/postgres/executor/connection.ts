/** One connection to PostgreSQL. It runs statements one at a time and prepares each statement once. */

import { createHash } from 'node:crypto'
import pg from 'pg'
import { memoText } from '../../base/memo.ts'
import type { Row, RowReader } from '../../base/sql/statement.ts'
import { FORM_SETTINGS, PLANNER_SETTINGS, settingStatements } from '../session-settings.ts'
import { isRetryable, mayRetry, pauseBeforeRetry } from './retry.ts'
import type { TimeLimits } from './time-limits.ts'
import { type CancelTarget, requestCancel } from './wire/cancel.ts'
import { openRowTap, type RowTap } from './wire/row-tap.ts'
import { Sequence } from './wire/sequence.ts'
import { Submission, type Submitted } from './wire/submission.ts'

/** A parameter in PostgreSQL's text form. */
export type Parameter = string | null

/** Runs one prepared statement. Rejects with the driver's error, or with the error of the reader. */
export interface Query {
  /** Returns the rows as text. */
  (text: string, parameters: readonly Parameter[]): Promise<readonly Row[]>
  /** Returns the result of a reader of the rows in binary format; without a reader, the rows as text. */
  <R>(text: string, parameters: readonly Parameter[], open: (() => RowReader<R>) | undefined): Promise<R>
  /** Runs statements in order without waiting between them; alone, they are one transaction. Returns the rows of each as text. */
  readonly inOrder: (statements: readonly SendingText[]) => Promise<readonly (readonly Row[])[]>
}

/** A connection of the pool. When the server or the network has closed it, it reconnects on its next use. */
export interface PooledConnection {
  /** Runs a single statement; retries after a deadlock or a serialization failure. */
  readonly query: Query
  /**
   * Passes one physical connection to `work` for the statements of a transaction. After the connection is lost, every further statement is
   * refused, because on another connection it would run outside of the transaction.
   */
  session<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** Cancels the running statement, if any. The statement fails as after a timeout. */
  cancel(): void
  /**
   * Whether the server has answered the last statement. An error is an answer too: the statement then changed nothing. False when the
   * connection failed or was lost before the answer. If the connection is lost after the answer, the result stays.
   */
  hasAnswered(): boolean
  /** The id of the server process of the current physical connection; null when there is none. */
  processId(): number | null
  /** The current physical connection, for comparison by identity; null when there is none. */
  physical(): object | null
  close(): Promise<void>
}

/** How to connect. */
export interface ConnectionOptions {
  readonly url: string
  readonly limits: TimeLimits
  /** Further settings of its sessions. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * A connection is replaced after it has prepared this many different statements, or statements with this many characters in all. The server
 * keeps every prepared statement until the connection ends, and a plan is at least a hundred times as large as its text. Without a limit,
 * clients with many different filters could fill the server's memory.
 */
const MAX_PREPARED = 500
const MAX_PREPARED_CHARACTERS = 500_000
/** A longer text is not prepared, because a few such texts would reach `MAX_PREPARED_CHARACTERS`. It is planned each time it runs. */
const LONGEST_PREPARED = 25_000

/** A physical connection, and the rows that it receives. */
interface Tapped {
  readonly driver: pg.Client
  readonly rows: RowTap
}

/** A pooled connection and its current physical connection. */
interface State {
  readonly options: ConnectionOptions
  client: Tapped | null
  prepared: Set<string>
  preparedCharacters: number
  answered: boolean
  running: number
  cancelling: Promise<void> | null
}

/** Opens a pooled connection; it connects on the first query. */
export function openConnection(options: ConnectionOptions): PooledConnection {
  const state: State = { options, client: null, prepared: new Set(), preparedCharacters: 0, answered: false, running: 0, cancelling: null }
  return {
    query: queryWith(
      (sending) => retrying(state, [sending.text], (client) => send(state, client, sending)),
      (sendings) =>
        retrying(
          state,
          sendings.map(({ text }) => text),
          (client) => sendInOrder(state, client, sendings),
        ),
    ),
    session: (work) => lend(state, work),
    cancel: () => cancel(state),
    hasAnswered: () => state.answered,
    processId: () => (state.client === null ? null : (state.client.driver as unknown as CancelTarget).processID),
    physical: () => state.client,
    async close() {
      const old = state.client
      state.client = null
      await old?.driver.end().catch(() => {})
    },
  }
}

/** A statement to send. */
export interface SendingText {
  readonly text: string
  readonly parameters: readonly Parameter[]
}

/** A statement to send, and the reader of its rows; undefined for rows as text. */
export interface Sending extends SendingText {
  readonly open: (() => RowReader<unknown>) | undefined
}

/** Makes a query from a function that sends one statement, and a function that sends several. */
export function queryWith(run: (sending: Sending) => Promise<unknown>, inOrder: Query['inOrder']): Query {
  const one = (text: string, parameters: readonly Parameter[], open?: Sending['open']) => run({ text, parameters, open })
  return Object.assign(one, { inOrder }) as Query
}

async function retrying<T>(state: State, texts: readonly string[], run: (client: Tapped) => Promise<T>): Promise<T> {
  const isNew = (text: string): boolean => isPreparable(text) && !state.prepared.has(nameOf(text))
  if (state.client !== null && isFull(state) && texts.some(isNew)) drop(state, state.client)
  const since = performance.now()
  for (let count = 1; ; count++) {
    try {
      return await run(state.client ?? (await connect(state)))
    } catch (error) {
      if (!isRetryable(error) || !mayRetry({ count, since }, state.options.limits.retryMs)) throw error
      await pauseBeforeRetry(count)
    }
  }
}

async function lend<T>(state: State, work: (query: Query) => Promise<T>): Promise<T> {
  if (state.client !== null && isFull(state)) drop(state, state.client)
  const held = state.client ?? (await connect(state))
  const within = <R>(run: () => Promise<R>): Promise<R> =>
    state.client === held ? run() : Promise.reject(new Error('Connection terminated within a transaction'))
  return work(
    queryWith(
      (sending) => within(() => send(state, held, sending)),
      (sendings) => within(() => sendInOrder(state, held, sendings)),
    ),
  )
}

function cancel(state: State): void {
  if (state.client === null || state.running === 0 || state.cancelling !== null) return
  const request = requestCancel(state.client.driver as unknown as CancelTarget).then(() => {
    if (state.cancelling === request) state.cancelling = null
  })
  state.cancelling = request
}

async function connect(state: State): Promise<Tapped> {
  state.answered = false
  const fresh = new pg.Client({
    connectionString: state.options.url,
    application_name: 'plinth',
    connectionTimeoutMillis: state.options.limits.connectMs,
    keepAlive: true,
  })
  // Without a listener a connection lost while idle would end the process.
  fresh.on('error', () => forget(state, client))
  const client: Tapped = { driver: fresh, rows: openRowTap(fresh) }
  try {
    await fresh.connect()
    await fresh.query(sessionSettings(state.options))
  } catch (error) {
    fresh.end().catch(() => {})
    throw error
  }
  state.client = client
  state.prepared = new Set()
  state.preparedCharacters = 0
  return client
}

function isFull({ prepared, preparedCharacters }: State): boolean {
  return prepared.size >= MAX_PREPARED || preparedCharacters >= MAX_PREPARED_CHARACTERS
}

function forget(state: State, which: Tapped): void {
  if (state.client === which) state.client = null
}

function drop(state: State, which: Tapped): void {
  forget(state, which)
  which.driver.end().catch(() => {})
}

function send(state: State, current: Tapped, { text, parameters, open }: Sending): Promise<unknown> {
  const name = nameToSend(state, text)
  return supervised(state, current, () => submit(current, { name, text, values: parameters }, open?.()))
}

function sendInOrder(state: State, current: Tapped, sendings: readonly SendingText[]): Promise<readonly (readonly Row[])[]> {
  const statements = sendings.map(({ text, parameters }) => ({ name: nameToSend(state, text), text, values: parameters }))
  const submitted = (): Promise<readonly (readonly Row[])[]> =>
    new Promise((resolve, reject) => {
      current.driver.query(new Sequence(statements, (error, rows) => (error === null ? resolve(rows) : reject(error))))
    })
  return supervised(state, current, submitted)
}

/** The name under which a text is prepared; empty for a text that is not. */
function nameToSend(state: State, text: string): string {
  const name = isPreparable(text) ? nameOf(text) : ''
  // The text counts before the outcome is known, because PostgreSQL keeps a parsed statement even when its execution fails.
  if (name !== '' && !state.prepared.has(name)) {
    state.prepared.add(name)
    state.preparedCharacters += text.length
  }
  return name
}

async function supervised<T>(state: State, current: Tapped, submitted: () => Promise<T>): Promise<T> {
  state.running++
  state.answered = true
  try {
    return await submitted()
  } catch (error) {
    // An error with a SQLSTATE comes from a working server. After any other error the state of the connection is unknown.
    if (!hasSqlState(error)) {
      state.answered = false
      drop(state, current)
    }
    throw error
  } finally {
    state.running--
    // A cancel request that arrives late must not cancel the next statement.
    if (state.cancelling !== null) await state.cancelling
  }
}

async function submit({ driver, rows }: Tapped, statement: Submitted, reader: RowReader<unknown> | undefined): Promise<unknown> {
  const binary = reader === undefined ? null : { tap: rows, read: reader.add }
  const text = await new Promise<readonly Row[]>((resolve, reject) => {
    driver.query(new Submission(statement, binary, (error, read) => (error === null ? resolve(read) : reject(error))))
  })
  return reader === undefined ? text : reader.end()
}

function isPreparable(text: string): boolean {
  return text.length <= LONGEST_PREPARED
}

const MAX_NAMES = 2_000

/** The name of a prepared statement: a hash of its text. */
const nameOf = memoText(MAX_NAMES, (text) => `p_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`)

function hasSqlState(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // A server that shuts down reports the classes 57P (shutdown) and 08 (connection).
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08')
}

/** Settings of every session, so that text formats do not depend on the server's configuration and every wait has a limit. */
function sessionSettings({ limits: { statementMs, lockMs, idleMs }, settings = {} }: ConnectionOptions): string {
  return [
    settingStatements({ ...FORM_SETTINGS, ...PLANNER_SETTINGS, ...settings, search_path: 'public' }),
    `set statement_timeout = ${Math.trunc(statementMs)}`,
    `set lock_timeout = ${Math.trunc(lockMs)}`,
    `set idle_in_transaction_session_timeout = ${Math.trunc(idleMs)}`,
    'set client_connection_check_interval = 1000',
  ].join('; ')
}
