/** One connection to PostgreSQL. Statements run on it one at a time; each is prepared once. */

import { createHash } from 'node:crypto'
import pg from 'pg'
import { memoText } from '../../base/memo.ts'
import type { Row } from '../../base/sql/statement.ts'
import { FORM_SETTINGS, settingStatements } from '../session-settings.ts'
import { type CancelTarget, requestCancel } from './cancel.ts'
import { isRetryable, mayRetry, pauseBeforeRetry } from './retry.ts'
import { Submission } from './submission.ts'

/** A parameter in PostgreSQL's text form. */
export type Parameter = string | null

/** Runs one prepared statement. Rejects with the driver's error. */
export type Query = (text: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>

/** A connection of the pool. It reconnects on its next use after the server or the network closed it. */
export interface PooledConnection {
  /** Runs a statement by itself; retries after a deadlock or a serialization failure. */
  readonly query: Query
  /**
   * Lends one physical connection for statements that belong together. After it is lost, every further statement is refused: on another
   * connection it would run outside of their transaction.
   */
  session<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** Cancels the statement that runs now, if there is one: it fails like a statement that took too long. */
  cancel(): void
  /**
   * Whether the server has answered the last statement. An error is an answer too: it says that the statement changed nothing. False when
   * the connection could not be made or was lost before the answer. Losing the connection after the answer undoes nothing.
   */
  hasAnswered(): boolean
  /** The present physical connection, to be compared by identity; null when there is none. */
  physical(): object | null
  close(): Promise<void>
}

/** How to connect; times in milliseconds. */
export interface ConnectionOptions {
  readonly url: string
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
}

/**
 * A connection that has prepared this many different statements, or this many characters of them, is replaced. The server keeps every
 * prepared statement until the connection ends, and a plan takes a hundred times the size of its text and more: clients that write many
 * filters could fill the server's memory.
 */
const MAX_PREPARED = 500
const MAX_PREPARED_CHARACTERS = 500_000
/** A longer text is planned each time it runs: a few of them would exhaust `MAX_PREPARED_CHARACTERS`. */
const LONGEST_PREPARED = 25_000

/** A pooled connection and the physical connection that it has at present. */
interface State {
  readonly options: ConnectionOptions
  client: pg.Client | null
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
    query: (text, parameters) => querySingle(state, text, parameters),
    session: (work) => lend(state, work),
    cancel: () => cancel(state),
    hasAnswered: () => state.answered,
    physical: () => state.client,
    async close() {
      const old = state.client
      state.client = null
      await old?.end().catch(() => {})
    },
  }
}

async function querySingle(state: State, text: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
  if (state.client !== null && isFull(state) && isPreparable(text) && !state.prepared.has(nameOf(text))) drop(state, state.client)
  const began = performance.now()
  for (let attempts = 1; ; attempts++) {
    try {
      return await send(state, state.client ?? (await connect(state)), { text, parameters })
    } catch (error) {
      if (!isRetryable(error) || !mayRetry(attempts, began)) throw error
      await pauseBeforeRetry()
    }
  }
}

async function lend<T>(state: State, work: (query: Query) => Promise<T>): Promise<T> {
  if (state.client !== null && isFull(state)) drop(state, state.client)
  const held = state.client ?? (await connect(state))
  return work((text, parameters) =>
    state.client === held
      ? send(state, held, { text, parameters })
      : Promise.reject(new Error('Connection terminated within a transaction')),
  )
}

function cancel(state: State): void {
  if (state.client === null || state.running === 0 || state.cancelling !== null) return
  const request = requestCancel(state.client as unknown as CancelTarget).then(() => {
    if (state.cancelling === request) state.cancelling = null
  })
  state.cancelling = request
}

async function connect(state: State): Promise<pg.Client> {
  state.answered = false
  const fresh = new pg.Client({
    connectionString: state.options.url,
    application_name: 'plinth',
    connectionTimeoutMillis: state.options.connectTimeoutMs,
    keepAlive: true,
  })
  // Without a listener a connection lost while idle would end the process.
  fresh.on('error', () => forget(state, fresh))
  try {
    await fresh.connect()
    await fresh.query(sessionSettings(state.options.statementTimeoutMs))
  } catch (error) {
    fresh.end().catch(() => {})
    throw error
  }
  state.client = fresh
  state.prepared = new Set()
  state.preparedCharacters = 0
  return fresh
}

function isFull({ prepared, preparedCharacters }: State): boolean {
  return prepared.size >= MAX_PREPARED || preparedCharacters >= MAX_PREPARED_CHARACTERS
}

function forget(state: State, which: pg.Client): void {
  if (state.client === which) state.client = null
}

function drop(state: State, which: pg.Client): void {
  forget(state, which)
  which.end().catch(() => {})
}

interface Sending {
  readonly text: string
  readonly parameters: readonly Parameter[]
}

async function send(state: State, current: pg.Client, { text, parameters }: Sending): Promise<readonly Row[]> {
  const name = isPreparable(text) ? nameOf(text) : ''
  // Counted before the outcome is known: PostgreSQL keeps a parsed statement even when its run fails.
  if (name !== '' && !state.prepared.has(name)) {
    state.prepared.add(name)
    state.preparedCharacters += text.length
  }
  state.running++
  state.answered = true
  try {
    return await submit(current, { name, text }, parameters)
  } catch (error) {
    // An error with a SQLSTATE comes from a server that still works; after any other error the state of the connection is unknown.
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

function submit(
  client: pg.Client,
  statement: { readonly name: string; readonly text: string },
  parameters: readonly Parameter[],
): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    client.query(new Submission(statement, parameters, (error, rows) => (error === null ? resolve(rows) : reject(error))))
  })
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

/** Settings of every session: text forms do not depend on the server's configuration, and every wait has a limit. */
function sessionSettings(statementTimeoutMs: number): string {
  return [
    settingStatements({ ...FORM_SETTINGS, search_path: 'public' }),
    `set statement_timeout = ${Math.trunc(statementTimeoutMs)}`,
    'set lock_timeout = 3000',
    'set idle_in_transaction_session_timeout = 10000',
    'set jit = off',
    // Plan each statement once: planning costs more than running most of them, and no best plan depends on a value (limits are part of the
    // text).
    'set plan_cache_mode = force_generic_plan',
    'set client_connection_check_interval = 1000',
  ].join('; ')
}
