/**
 * Decides when each call gets a connection. A few statements run at a time, and further calls wait. Waiting calls of the same statement run
 * in one batch, because PostgreSQL answers many calls in one statement much faster than in many statements. A call may also wait up to 5 ms
 * for a running merged batch of the same statement, unless a batch of that statement is slow. Without load every call is a plain prepared
 * query, sent as soon as the input that arrived with it has been read, or at once after many calls that ran alone. A slow statement (it
 * waits for a lock or is expensive) does not count as running, so other statements run on other connections. The queue keeps the order of
 * arrival, and its length is limited.
 */

import { failure } from '../../base/failure.ts'
import type { Row, Statement, Values } from '../../base/sql/statement.ts'
import type { OnRun } from '../slow-statements.ts'
import { type BatchOutcomes, type CallOutcome, type OnStatement, RETRY_SINGLE, runBatch } from './batch.ts'
import { allClientsGone, hasClient, onlyCaller, reasonOf, refuse } from './call-client.ts'
import { type CallQueue, type ConnectionTask, openCallQueue, type QueuedCall, type QueueKey, rowsWritten } from './call-queue.ts'
import type { Client } from './client.ts'
import type { PooledConnection } from './connection.ts'
import { batchSizeOf, type Merging, shouldGather } from './merging.ts'
import { countFast, isCancellable, mustCancel, type RunningBatch, SLOW_MS } from './running-batch.ts'
import { openShares } from './shares.ts'
import { openStatementCosts } from './statement-costs.ts'
import { singleText } from './statement-text.ts'
import type { TimeLimits } from './time-limits.ts'

/** Options of a pool. */
export interface PoolOptions {
  /** The number of statements that run at a time, and the number of tasks beside them; slow ones do not count. */
  readonly concurrency: number
  /** Whether calls may share a statement. */
  readonly merge: boolean
  readonly onStatement: OnStatement
  readonly limits: Pick<TimeLimits, 'acquireMs' | 'statementMs'>
  /** Called with each statement that has run; absent where nobody asks. */
  readonly onRun?: OnRun
}

/** Runs calls over a fixed number of connections. */
export interface Pool {
  /**
   * Runs one call. If it has to wait, it merges with other calls of its statement. Rejects with the driver's error, or, when the call did
   * not run, with Failure `overloaded`, `client_gone` or `shutting_down`.
   */
  run<R = readonly Row[]>(statement: Statement<R>, values: Values, client?: Client): Promise<R>
  /** Passes a connection to `work` until `work` ends. Rejects with the error of `work`, or like `run`. */
  withConnection<T>(work: (connection: PooledConnection) => Promise<T>, client?: Client): Promise<T>
  load(): PoolLoad
  close(): Promise<void>
}

/** What the connections of a pool are doing. */
export interface PoolLoad {
  readonly connections: number
  /** Connections with a running statement or task. */
  readonly busy: number
  /** Calls and tasks that wait. */
  readonly waiting: number
}

/** After this many calls that ran alone, the next one is expected to be alone, too. */
const LONE_CALLS = 16
/** The maximum number of waiting calls and tasks. */
const MAX_WAITING = 1000

/** An open pool. */
interface State extends Merging {
  readonly options: PoolOptions
  readonly connections: readonly PooledConnection[]
  readonly free: PooledConnection[]
  readonly batches: Map<PooledConnection, RunningBatch>
  readonly queue: CallQueue
  closed: boolean
  /** Whether `pump` is scheduled. */
  pumpScheduled: boolean
  /** The number of calls and tasks that have run since one arrived while another waited or ran. */
  lone: number
  timer: NodeJS.Timeout | undefined
}

/** Opens a pool over connections. Only the pool may use them. */
export function openPool(connections: readonly PooledConnection[], options: PoolOptions): Pool {
  const pool: State = {
    options,
    connections,
    free: [...connections],
    batches: new Map(),
    queue: openCallQueue(),
    costs: openStatementCosts(),
    shares: openShares(connections.length),
    closed: false,
    pumpScheduled: false,
    lone: 0,
    timer: undefined,
  }
  return {
    run<R>(statement: Statement<R>, values: Values, client?: Client) {
      return new Promise<R>((resolve, reject) => {
        // The result of a call is that of its statement.
        const done = (outcome: CallOutcome) => (outcome.ok ? resolve(outcome.result as R) : reject(reasonOf(outcome.error, client)))
        enqueue(pool, statement, { since: performance.now(), values, done, client })
      })
    },
    withConnection(work, client) {
      return new Promise((resolve, reject) => {
        const refuse = (error: unknown) => reject(reasonOf(error, client))
        const task: ConnectionTask = (connection) => work(connection).then(resolve, refuse)
        const done = (outcome: CallOutcome) => (outcome.ok ? undefined : refuse(outcome.error))
        enqueue(pool, task, { since: performance.now(), values: {}, done, client })
      })
    },
    load: () => ({ connections: connections.length, busy: pool.batches.size, waiting: pool.queue.count() }),
    close: () => close(pool),
  }
}

function enqueue(pool: State, key: QueueKey, call: QueuedCall): void {
  if (pool.closed) refuse(call, failure('shutting_down', {}))
  else if (call.single || pool.queue.count() < MAX_WAITING || makeRoom(pool, call)) {
    if (pool.batches.size > 0 || pool.queue.count() > 0) pool.lone = 0
    pool.queue.add(key, call)
    watch(pool)
    schedulePump(pool)
  } else refuse(call, failure('overloaded', {}, 'the queue is full'))
}

/**
 * Makes room in a full queue: refuses a call of another caller who has more queued calls than this caller. Returns false when there is no
 * such caller.
 */
function makeRoom(pool: State, { client }: QueuedCall): boolean {
  const other = pool.queue.takeFromGreediest(client)
  if (other !== undefined) refuse(other, failure('overloaded', {}, 'the queue is full, and this caller has the most calls in it'))
  return other !== undefined
}

/**
 * Starts calls after all available input is read, so that calls that arrive together run in one batch. After many calls that ran alone, it
 * starts a call as soon as the functions that are ready have run, because no other call is likely to arrive with it.
 */
function schedulePump(pool: State): void {
  if (pool.pumpScheduled || pool.batches.size === pool.connections.length) return
  pool.pumpScheduled = true
  if (pool.lone < LONE_CALLS) setImmediate(runScheduled, pool)
  else process.nextTick(runScheduled, pool)
}

function runScheduled(pool: State): void {
  pool.pumpScheduled = false
  pump(pool)
}

/**
 * Starts queued calls and tasks while connections are free. Callers who hold no connection come first, so that a caller with many queued
 * calls does not delay the single call of another. Otherwise calls start in order of arrival.
 */
function pump(pool: State): void {
  if (pool.batches.size > 0 && pool.queue.keys() > 1 && !startReady(pool, holdsNone(pool))) return
  startReady(pool, () => true)
}

/** Returns a test of whether the first call of a queue belongs to a caller who holds no connection. */
function holdsNone({ batches }: State): (first: QueuedCall | undefined) => boolean {
  return (first) => {
    const key = first?.client?.key
    if (key === undefined) return true
    for (const { caller } of batches.values()) if (caller === key) return false
    return true
  }
}

/** Starts the queues whose first call passes the test. Returns false when no place is left. */
function startReady(pool: State, test: (first: QueuedCall | undefined) => boolean): boolean {
  const { queue, options } = pool
  const fast = countFast(pool.batches.values(), performance.now())
  const places = { statements: options.concurrency - fast.statements, tasks: options.concurrency - fast.tasks }
  for (const [key, calls] of queue.all()) {
    if (pool.closed || pool.free.length === 0 || (places.statements <= 0 && places.tasks <= 0)) return false
    if (!test(calls[0])) continue
    if (typeof key === 'function') {
      if (places.tasks > 0 && startTask(pool, key)) places.tasks--
    } else if (places.statements > 0 && startStatement(pool, key, calls)) places.statements--
  }
  return true
}

/** Starts a waiting task if it may start now. Returns whether it has started. */
function startTask(pool: State, task: ConnectionTask): boolean {
  const now = performance.now()
  if (!pool.shares.mayStart(task, pool.batches, now)) return false
  const connection = pool.free.pop()
  if (connection === undefined) return false
  const [call] = pool.queue.take(task, 1, pool.shares.filter(task, pool.batches, now))
  if (call === undefined) {
    pool.free.push(connection)
    return false
  }
  const { client } = call
  const batch = { since: now, statement: null, isRetry: false, clientGone: client?.gone, caller: client?.key ?? null, rows: [], calls: 1 }
  void occupy(pool, { connection, batch }, () => task(connection))
  return true
}

/** Starts a batch of the waiting calls of a statement if they may start now. Returns whether it has started. */
function startStatement(pool: State, statement: Statement<unknown>, calls: readonly QueuedCall[]): boolean {
  const now = performance.now()
  if (shouldGather(pool, { statement, calls, now }) || !pool.shares.mayStart(statement, pool.batches, now)) return false
  const connection = pool.free.pop()
  if (connection === undefined) return false
  const mayStart = pool.shares.filter(statement, pool.batches, now)
  const batch = pool.queue.take(statement, batchSizeOf(pool, statement, now), mayStart).filter(hasClient)
  if (batch.length > 0) void start(pool, { connection, statement, batch, now })
  else pool.free.push(connection)
  return batch.length > 0
}

interface Starting {
  readonly connection: PooledConnection
  readonly statement: Statement<unknown>
  readonly batch: readonly QueuedCall[]
  readonly now: number
}

/** Runs a batch, records its cost, and delivers the outcomes. */
async function start(pool: State, { connection, statement, batch, now }: Starting): Promise<void> {
  let outcomes: BatchOutcomes = { asked: 0, sharing: null, of: [] }
  const isRetry = batch.some((call) => call.single)
  const running: RunningBatch = {
    since: now,
    statement,
    isRetry,
    clientGone: allClientsGone(batch),
    caller: onlyCaller(batch),
    rows: statement.distinct === undefined ? [] : batch.flatMap(({ values }) => rowsWritten(statement, values)),
    calls: batch.length,
  }
  await occupy(pool, { connection, batch: running }, async () => {
    const calls = batch.map(({ values }) => values)
    outcomes = await runBatch(connection, statement, calls, {
      shares: pool.costs.shares(statement),
      onStatement: pool.options.onStatement,
    })
    const isMeasured = !isRetry && outcomes.of.some((outcome) => outcome !== RETRY_SINGLE && outcome.ok)
    pool.options.onRun?.(statement.name, () => singleText(statement).text, performance.now() - now, batch.length)
    if (isHeavy(pool, statement, performance.now() - now)) pool.shares.recordHeavy(statement, running.caller, performance.now())
    pool.costs.record(statement, connection.physical(), {
      calls: outcomes.asked,
      ms: isMeasured ? performance.now() - now : null,
      sharing: outcomes.sharing,
    })
  })
  for (const [i, call] of batch.entries()) {
    const outcome = outcomes.of[i] ?? { ok: false, error: new Error('the batch gave no outcome for a call') }
    if (outcome === RETRY_SINGLE) enqueue(pool, statement, { ...call, single: true })
    else call.done(outcome)
  }
}

type Occupying = { readonly connection: PooledConnection; readonly batch: RunningBatch }

/** Runs work on a connection and frees it afterwards. */
async function occupy(pool: State, { connection, batch }: Occupying, work: () => Promise<void>): Promise<void> {
  pool.batches.set(connection, batch)
  if (isCancellable(batch)) watch(pool)
  await work()
  pool.batches.delete(connection)
  pool.free.push(connection)
  pool.lone++
  // The next statement is sent before the answers of this batch are written, so that PostgreSQL need not wait.
  pump(pool)
}

/** Starts the timer that calls `check` while calls wait or batches run. */
function watch(pool: State): void {
  pool.timer ??= setTimeout(check, SLOW_MS, pool)
}

/**
 * Refuses calls that waited too long or whose client has disconnected, cancels batches that must end, and starts calls when running batches
 * have become slow.
 */
function check(pool: State): void {
  const now = performance.now()
  const late = pool.queue.takeWhere((call) => call.since <= now - pool.options.limits.acquireMs || call.client?.gone() === true)
  for (const call of late) refuse(call, failure('overloaded', {}, 'no connection became free in time'))
  for (const [connection, batch] of pool.batches) if (mustCancel(batch, now)) connection.cancel()
  pump(pool)
  pool.timer = undefined
  if (pool.queue.count() > 0 || [...pool.batches.values()].some(isCancellable)) watch(pool)
}

async function close(pool: State): Promise<void> {
  pool.closed = true
  clearTimeout(pool.timer)
  for (const call of pool.queue.takeWhere(() => true)) refuse(call, failure('shutting_down', {}))
  await Promise.all(pool.connections.map((connection) => connection.close()))
}

/** Whether a read ran for at least half of its timeout. Writes do not count, because they may have waited for a lock. */
function isHeavy({ options }: State, { merge }: Statement<unknown>, ms: number): boolean {
  return merge === 'lateral' && ms >= options.limits.statementMs / 2
}
