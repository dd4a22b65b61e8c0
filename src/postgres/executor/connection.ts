/** One connection that statements go through, one at a time, prepared once each. */

import { createHash } from 'node:crypto'
import pg from 'pg'
import type { Row } from '../../base/sql/statement.ts'
import { type CancelTarget, requestCancel } from './cancel.ts'
import { isGivenUp, mayGoAgain, pause } from './retry.ts'
import { Submission } from './submission.ts'

/** A parameter in PostgreSQL's text form. */
export type Parameter = string | null

/** Runs one prepared statement. Rejects with the driver's error. */
export type Query = (text: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>

export interface Lane {
  /** Runs a statement by itself; again when PostgreSQL gives it up to end a deadlock. After a lost connection the lane reconnects on its next use. */
  readonly query: Query
  /**
   * Lends one connection for statements that belong together. Once it is lost, every further statement is refused: on another connection it would be
   * outside of their transaction.
   */
  session<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** Stops the statement that runs now, if one does: it fails as one that took too long. */
  cancel(): void
  /**
   * Whether the server has answered the last statement, be it with an error, which says that the statement has done nothing; false when the connection could
   * not be made or was lost first. A connection lost right after the answer takes nothing of it back.
   */
  hasAnswered(): boolean
  /** What stands for the present connection; null when there is none. */
  connection(): object | null
  close(): Promise<void>
}

export interface LaneOptions {
  readonly url: string
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
}

/**
 * A connection that has prepared this many different statements, or this many characters of them, is replaced: the server keeps each until the connection
 * ends, and a plan takes a hundred times its text and more, so whoever may write filters could otherwise fill the server's memory.
 */
const MAX_PREPARED = 500
const MAX_PREPARED_CHARACTERS = 500_000
/** A longer text is planned anew each time: few of them would use up the connection. */
const LONGEST_PREPARED = 25_000

/** A lane and the connection that it has at present. */
interface State {
  readonly options: LaneOptions
  client: pg.Client | null
  prepared: Set<string>
  preparedCharacters: number
  answered: boolean
  running: number
  cancelling: Promise<void> | null
}

/** Opens nothing yet: the first query connects. */
export function openLane(options: LaneOptions): Lane {
  const lane: State = { options, client: null, prepared: new Set(), preparedCharacters: 0, answered: false, running: 0, cancelling: null }
  return {
    query: (text, parameters) => queryAlone(lane, text, parameters),
    session: (work) => lend(lane, work),
    cancel: () => cancel(lane),
    hasAnswered: () => lane.answered,
    connection: () => lane.client,
    async close() {
      const old = lane.client
      lane.client = null
      await old?.end().catch(() => {})
    },
  }
}

async function queryAlone(lane: State, text: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
  if (lane.client !== null && isFull(lane) && isPreparable(text) && !lane.prepared.has(nameOf(text))) drop(lane, lane.client)
  const began = performance.now()
  for (let tries = 1; ; tries++) {
    try {
      return await send(lane, lane.client ?? (await connect(lane)), { text, parameters })
    } catch (error) {
      if (!isGivenUp(error) || !mayGoAgain(tries, began)) throw error
      await pause()
    }
  }
}

async function lend<T>(lane: State, work: (query: Query) => Promise<T>): Promise<T> {
  if (lane.client !== null && isFull(lane)) drop(lane, lane.client)
  const held = lane.client ?? (await connect(lane))
  return work((text, parameters) =>
    lane.client === held ? send(lane, held, { text, parameters }) : Promise.reject(new Error('Connection terminated within a transaction')),
  )
}

function cancel(lane: State): void {
  if (lane.client === null || lane.running === 0 || lane.cancelling !== null) return
  const request = requestCancel(lane.client as unknown as CancelTarget).then(() => {
    if (lane.cancelling === request) lane.cancelling = null
  })
  lane.cancelling = request
}

async function connect(lane: State): Promise<pg.Client> {
  lane.answered = false
  const fresh = new pg.Client({
    connectionString: lane.options.url,
    application_name: 'plinth',
    connectionTimeoutMillis: lane.options.connectTimeoutMs,
    keepAlive: true,
  })
  // Without a listener a connection lost while idle would end the process.
  fresh.on('error', () => forget(lane, fresh))
  try {
    await fresh.connect()
    await fresh.query(sessionSettings(lane.options.statementTimeoutMs))
  } catch (error) {
    fresh.end().catch(() => {})
    throw error
  }
  lane.client = fresh
  lane.prepared = new Set()
  lane.preparedCharacters = 0
  return fresh
}

function isFull({ prepared, preparedCharacters }: State): boolean {
  return prepared.size >= MAX_PREPARED || preparedCharacters >= MAX_PREPARED_CHARACTERS
}

function forget(lane: State, which: pg.Client): void {
  if (lane.client === which) lane.client = null
}

function drop(lane: State, which: pg.Client): void {
  forget(lane, which)
  which.end().catch(() => {})
}

interface Sending {
  readonly text: string
  readonly parameters: readonly Parameter[]
}

async function send(lane: State, current: pg.Client, { text, parameters }: Sending): Promise<readonly Row[]> {
  const name = isPreparable(text) ? nameOf(text) : ''
  // Also if it fails: what PostgreSQL could parse it keeps, however the run ends.
  if (name !== '' && !lane.prepared.has(name)) {
    lane.prepared.add(name)
    lane.preparedCharacters += text.length
  }
  lane.running++
  lane.answered = true
  try {
    return await submit(current, { name, text }, parameters)
  } catch (error) {
    // A SQLSTATE comes from a server that is still there; anything else leaves the connection in an unknown state.
    if (!hasSqlState(error)) {
      lane.answered = false
      drop(lane, current)
    }
    throw error
  } finally {
    lane.running--
    // A request to stop that arrives late must not meet the next statement.
    if (lane.cancelling !== null) await lane.cancelling
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

const names = new Map<string, string>()

function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    if (names.size >= MAX_NAMES) names.clear()
    name = `p_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`
    names.set(text, name)
  }
  return name
}

function hasSqlState(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // Class 57P (shutdown) and 08 (connection) are reported by a server that is going away.
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08')
}

/** What every session needs so that text forms never depend on the server's configuration, and nothing waits without end. */
function sessionSettings(statementTimeoutMs: number): string {
  return [
    `set statement_timeout = ${Math.trunc(statementTimeoutMs)}`,
    'set lock_timeout = 3000',
    'set idle_in_transaction_session_timeout = 10000',
    'set search_path = public',
    "set timezone = 'UTC'",
    "set datestyle = 'ISO'",
    "set intervalstyle = 'iso_8601'",
    'set extra_float_digits = 1',
    'set bytea_output = hex',
    'set standard_conforming_strings = on',
    'set jit = off',
    // Statements are planned once: planning costs more than most of them, and no statement's best plan hangs on a value (limits are part of the text).
    'set plan_cache_mode = force_generic_plan',
    'set client_connection_check_interval = 1000',
  ].join('; ')
}
