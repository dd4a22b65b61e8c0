/** The events that wait: for the next attempt of a reaction, for an earlier event of their row, or, as dead letters, for people. */

import { ident, literal, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement, Values } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import type { LoggedEvent } from './delivery.ts'
import { HELD_LEASE } from './leadership.ts'
import { eventColumns, eventOf } from './log-columns.ts'
import { FIRST_PAUSE_MS, MOST_ATTEMPTS, PAUSE_GROWTH } from './pauses.ts'

const WAITING = ident(SYSTEM_SCHEMA, 'event_waiting')

/** The events of one row, for one reaction: they are delivered in order. */
export interface RowOfReaction {
  readonly reaction: string
  readonly entity: string
  readonly rowId: string
}

/** An event that waits. */
export interface WaitingEvent {
  readonly reaction: string
  readonly event: LoggedEvent
  /** The attempts that have failed. */
  readonly attempt: number
  /** The attempts since then that have begun and have no outcome: the process ended during them. */
  readonly begun: number
  readonly replay: boolean
  readonly afterGap: boolean
}

/** What becomes of an event after a failed attempt. */
export interface FailedAttempt {
  readonly attempt: number
  /** Milliseconds until the next attempt; null when the event is given up. */
  readonly retryInMs: number | null
  readonly held: boolean
  readonly error: string
  /** Whether operators do not hear of this failure, because its cause was reported once. */
  readonly quiet?: boolean
}

/** The error of an event whose attempt has not ended yet. */
export const STILL_RUNNING = 'the attempt is still running'

/** The error of an event during whose attempt the process has ended. */
const PROCESS_ENDED = 'the process ended during the attempt, or could not store its outcome'

/** Whether the events of a row wait, and whether an earlier one was given up. */
export interface RowState {
  readonly isBlocked: boolean
  readonly hasGap: boolean
}

const ROWS: Sql = sql`unnest(${slot('reactions', 'text[]')}, ${slot('entities', 'text[]')}, ${slot('rows', 'text[]')})
  with ordinality as k (reaction, entity, row_id, place)`

function rowValues(rows: readonly RowOfReaction[]): Values {
  return {
    reactions: arrayLiteral(rows.map(({ reaction }) => reaction)),
    entities: arrayLiteral(rows.map(({ entity }) => entity)),
    rows: arrayLiteral(rows.map(({ rowId }) => rowId)),
  }
}

/** The events `b` of the row of the event `other`. Each of the two conditions that follow it is served by an index. */
const sameRow = (other: Sql): Sql =>
  sql`from ${WAITING} b where b.reaction = ${other}.reaction and b.entity = ${other}.entity and b.row_id = ${other}.row_id`
const OF_ROW: Sql = sameRow(sql`k`)

const STATES: Statement = {
  name: 'events.row-states',
  sql: sql`select exists (select ${OF_ROW} and not b.dead) or exists (select ${OF_ROW} and b.held), exists (select ${OF_ROW} and b.dead)
    from ${ROWS} order by k.place`,
}

/** Whether these rows have waiting events or dead letters, in the same order. @throws the driver's error */
export async function rowStates(run: Run, rows: readonly RowOfReaction[]): Promise<readonly RowState[]> {
  return (await run(STATES, rowValues(rows))).map(([blocked, gap]) => ({ isBlocked: blocked === 't', hasGap: gap === 't' }))
}

/** Statements, and the fence of the lease under which they change waiting events. */
export interface Leased {
  readonly run: Run
  readonly fence: string
}

const ADD: Statement = {
  name: 'events.add-waiting',
  sql: sql`with held as materialized (${HELD_LEASE})
    insert into ${WAITING} (reaction, event, entity, happening, row_id, version, at, after, before, input, depth, attempt, run_at, dead, held, error, failed_at)
    select r.reaction, r.event, r.entity, r.happening, r.row_id, r.version, r.at, r.after, r.before, r.input, r.depth, r.attempt,
      coalesce(clock_timestamp() + r.retry_in * interval '1 millisecond', 'infinity'), r.dead, r.held, r.error,
      case when r.error is not null then now() end
    from jsonb_to_recordset(${slot('rows', 'jsonb')}) as r (reaction text, event bigint, entity text, happening text, row_id text,
      version bigint, at timestamptz, after jsonb, before jsonb, input jsonb, depth smallint, attempt integer, retry_in double precision, dead boolean, held boolean, error text)
    where exists (select from held)
    on conflict do nothing`,
}

/**
 * Makes events wait. `failed` is null for those that wait for an earlier event of their row, for which `releaseRows` has to be called
 * afterwards: the earlier one may be gone meanwhile. A process whose lease with this fence is over adds nothing: the next one delivers
 * these events.
 *
 * @throws the driver's error
 */
export async function addWaiting(
  { run, fence }: Leased,
  added: readonly { readonly reaction: string; readonly event: LoggedEvent; readonly failed: FailedAttempt | null }[],
): Promise<void> {
  const rows = added.map(({ reaction, event, failed }) => {
    const { id, entity, happening, rowId, version, at, depth } = event
    const own = JSON.stringify({
      reaction,
      event: id,
      entity,
      happening,
      row_id: rowId,
      version,
      at,
      depth,
      attempt: failed?.attempt ?? 0,
      retry_in: failed === null ? null : (failed.retryInMs ?? 0),
      dead: failed !== null && failed.retryInMs === null,
      held: failed?.held ?? false,
      error: failed?.error ?? null,
    })
    // The rows are JSON already.
    return `${own.slice(0, -1)},"after":${event.row},"before":${event.before ?? 'null'},"input":${event.input ?? 'null'}}`
  })
  await run(ADD, { rows: `[${rows.join(',')}]`, fence })
}

/** The most events that are taken at a time. */
const MOST_DUE = 100

const EARLIER: Sql = sql`${sameRow(sql`w`)} and b.event < w.event`
/** The event `w` is the first of its row that waits, and no earlier one is held. */
const IS_FIRST: Sql = sql`not exists (select ${EARLIER} and not b.dead) and not exists (select ${EARLIER} and b.held)`

const dueWith = (
  begun: Sql,
  most: number,
): Sql => sql`select w.reaction, w.attempt, w.begun, w.replay, exists (select ${EARLIER} and b.dead), ${eventColumns('w', 'event')}
    from ${WAITING} w where not w.dead and w.run_at <= now() and ${begun} and ${IS_FIRST}
    order by w.run_at limit ${numberLiteral(most)}`

/** An index has the events of which an attempt has begun, so that one of them is found among any number of others. */
const DUE: Statement = {
  name: 'events.due',
  sql: sql`(${dueWith(sql`w.begun = 0`, MOST_DUE)}) union all (${dueWith(sql`w.begun > 0`, 1)})`,
}

/** The events whose next attempt is due: of each row and reaction the first that waits. @throws the driver's error */
export async function dueEvents(run: Run): Promise<readonly WaitingEvent[]> {
  return (await run(DUE, {})).flatMap((row) => {
    const [reaction, attempt, begun, replay, afterGap] = row
    const event = eventOf(row.slice(5))
    if (event === null) return []
    const attempts = { attempt: Number(attempt), begun: Number(begun) }
    return [{ reaction: reaction ?? '', event, ...attempts, replay: replay === 't', afterGap: afterGap === 't' }]
  })
}

const RELEASE: Statement = {
  name: 'events.release-rows',
  sql: sql`update ${WAITING} w set run_at = clock_timestamp()
    from ${ROWS} cross join lateral (select b.event ${OF_ROW} and not b.dead order by b.event limit 1) first
    where w.reaction = k.reaction and w.event = first.event and w.run_at = 'infinity' and ${IS_FIRST}`,
}

/**
 * Makes the first waiting event of each of these rows due if nothing is left for which it waits. Call it after each change that adds events
 * to a row or ends its first one, and after the commit of that change: of two processes that change a row at the same time, the later one
 * then sees both changes.
 *
 * @throws the driver's error
 */
export async function releaseRows(run: Run, rows: readonly RowOfReaction[]): Promise<void> {
  if (rows.length > 0) await run(RELEASE, rowValues(rows))
}

const RELEASE_ALL: Statement = {
  name: 'events.release-all',
  sql: sql`update ${WAITING} w set run_at = clock_timestamp() where not w.dead and w.run_at = 'infinity' and ${IS_FIRST}`,
}

/** Does the same for all rows. It looks at each event that waits for an earlier one. @throws the driver's error */
export async function releaseAllRows(run: Run): Promise<void> {
  await run(RELEASE_ALL, {})
}

const RESUME: Statement = {
  name: 'events.resume',
  sql: sql`update ${WAITING} set run_at = clock_timestamp() where reaction = any (${slot('reactions', 'text[]')}) and not dead
    and run_at > clock_timestamp() and run_at <> 'infinity' and starts_with(error, ${slot('error', 'text')})`,
}

/** Makes events of these reactions due that wait because of an error that begins so: its cause is gone. @throws the driver's error */
export async function resumeEvents(
  run: Run,
  { reactions, error }: { readonly reactions: readonly string[]; readonly error: string },
): Promise<void> {
  await run(RESUME, { reactions: arrayLiteral(reactions), error })
}

const IS_ONE: Sql = sql`reaction = ${slot('reaction', 'text')} and event = ${slot('event', 'bigint')} and exists (select from lease)`
const LEASE: Sql = sql`with lease as materialized (${HELD_LEASE})`
const BEGIN: Statement = {
  name: 'events.begin',
  sql: sql`${LEASE} update ${WAITING} set begun = begun + 1, error = ${literal(STILL_RUNNING)}, failed_at = now(),
      run_at = clock_timestamp() + ${slot('within', 'double precision')} * interval '1 millisecond'
    where ${IS_ONE} and not dead returning 1`,
}
const DONE: Statement = { name: 'events.done', sql: sql`${LEASE} delete from ${WAITING} where ${IS_ONE} and not dead` }
const FAILED: Statement = {
  name: 'events.failed',
  sql: sql`${LEASE} update ${WAITING} set attempt = ${slot('attempt', 'integer')}, begun = 0, error = ${slot('error', 'text')}, failed_at = now(),
      dead = ${slot('retry_in', 'double precision')} is null, held = ${slot('held', 'boolean')},
      run_at = clock_timestamp() + coalesce(${slot('retry_in', 'double precision')}, 0) * interval '1 millisecond'
    where ${IS_ONE} and not dead`,
}

/**
 * Writes down that an attempt of a waiting event begins, so that it is known if the process ends during it. The event is due again after
 * `withinMs`, when the attempt must have ended. False if the lease is over or the event no longer waits.
 *
 * @throws the driver's error
 */
export async function beginAttempt(
  { run, fence }: Leased,
  { reaction, event }: Pick<WaitingEvent, 'reaction' | 'event'>,
  withinMs: number,
): Promise<boolean> {
  return (await run(BEGIN, { reaction, event: event.id, fence, within: withinMs })).length > 0
}

const RESUME_BEGUN: Statement = {
  name: 'events.resume-begun',
  sql: sql`${LEASE} update ${WAITING} set error = ${literal(PROCESS_ENDED)}, run_at = failed_at + case
      when begun = 1 or attempt + begun >= ${numberLiteral(MOST_ATTEMPTS)} then interval '0'
      else ${numberLiteral(FIRST_PAUSE_MS)} * power(${numberLiteral(PAUSE_GROWTH)}, begun - 2) * interval '1 millisecond' end
    where begun > 0 and not dead and exists (select from lease)`,
}

/**
 * Gives the attempts another time that a process had begun whose lease is over: it has ended, or keeps no outcome. The first one is made
 * again at once, because most processes end for other reasons. The next ones follow after pauses from their begin, as long as those after
 * failed attempts.
 *
 * @throws the driver's error
 */
export async function resumeBegun({ run, fence }: Leased): Promise<void> {
  await run(RESUME_BEGUN, { fence })
}

/**
 * Keeps the outcome of an attempt of an event that waits: removes the event after a success (`failed` is null). A process whose lease is
 * over changes nothing: the one that has it makes the attempt again.
 *
 * @throws the driver's error
 */
export async function keepOutcome(
  { run, fence }: Leased,
  { reaction, event }: Pick<WaitingEvent, 'reaction' | 'event'>,
  failed: FailedAttempt | null,
): Promise<void> {
  const one = { reaction, event: event.id, fence }
  if (failed === null) return void (await run(DONE, one))
  const { attempt, error, retryInMs, held } = failed
  await run(FAILED, { ...one, attempt, error, retry_in: retryInMs, held })
}
