/** The events that wait: for the next attempt of a reaction, for an earlier event of their row, or, as dead letters, for people. */

import { ident, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Row, Run, Statement } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import type { LoggedEvent } from './delivery.ts'
import { HELD_LEASE } from './leadership.ts'
import { eventOf } from './log-reader.ts'

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
}

/** Whether the events of a row wait, and whether an earlier one was given up. */
export interface RowState {
  readonly isBlocked: boolean
  readonly hasGap: boolean
}

const STATES: Statement = {
  name: 'events.row-states',
  sql: sql`select k.place, bool_or(not w.dead or w.held), bool_or(w.dead)
    from unnest(${slot('reactions', 'text[]')}, ${slot('entities', 'text[]')}, ${slot('rows', 'text[]')})
      with ordinality as k (reaction, entity, row_id, place)
    join ${WAITING} w on w.reaction = k.reaction and w.entity = k.entity and w.row_id = k.row_id group by k.place`,
}

/** Whether these rows have waiting events or dead letters, in the same order; null for those without any. @throws the driver's error */
export async function rowStates(run: Run, rows: readonly RowOfReaction[]): Promise<readonly (RowState | null)[]> {
  const found = await run(STATES, {
    reactions: arrayLiteral(rows.map(({ reaction }) => reaction)),
    entities: arrayLiteral(rows.map(({ entity }) => entity)),
    rows: arrayLiteral(rows.map(({ rowId }) => rowId)),
  })
  const states: (RowState | null)[] = rows.map(() => null)
  for (const [place, blocked, gap] of found) states[Number(place) - 1] = { isBlocked: blocked === 't', hasGap: gap === 't' }
  return states
}

const ADD: Statement = {
  name: 'events.add-waiting',
  sql: sql`with held as materialized (${HELD_LEASE})
    insert into ${WAITING} (reaction, event, entity, happening, row_id, version, at, after, before, input, attempt, run_at, dead, held, error, failed_at)
    select r.reaction, r.event, r.entity, r.happening, r.row_id, r.version, r.at, r.after, r.before, r.input, r.attempt,
      clock_timestamp() + r.retry_in * interval '1 millisecond', r.dead, r.held, r.error, case when r.error is not null then now() end
    from jsonb_to_recordset(${slot('rows', 'jsonb')}) as r (reaction text, event bigint, entity text, happening text, row_id text,
      version bigint, at timestamptz, after jsonb, before jsonb, input jsonb, attempt integer, retry_in double precision, dead boolean, held boolean, error text)
    where exists (select from held)
    on conflict do nothing`,
}

/**
 * Makes events wait. `failed` is null for those that wait for an earlier event of their row. A process whose lease with this fence is over
 * adds nothing: the next one delivers these events.
 *
 * @throws the driver's error
 */
export async function addWaiting(
  { run, fence }: { readonly run: Run; readonly fence: string },
  added: readonly { readonly reaction: string; readonly event: LoggedEvent; readonly failed: FailedAttempt | null }[],
): Promise<void> {
  const rows = added.map(({ reaction, event, failed }) => {
    const { id, entity, happening, rowId, version, at } = event
    const own = JSON.stringify({
      reaction,
      event: id,
      entity,
      happening,
      row_id: rowId,
      version,
      at,
      attempt: failed?.attempt ?? 0,
      retry_in: failed?.retryInMs ?? 0,
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

const ABOUT: Sql = sql`w.event, w.entity, w.happening, w.row_id, w.version,
  to_char(w.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), w.after::text, w.before::text, w.input::text`
const EARLIER: Sql = sql`from ${WAITING} b where b.reaction = w.reaction and b.entity = w.entity and b.row_id = w.row_id and b.event < w.event`

const DUE: Statement = {
  name: 'events.due',
  sql: sql`select w.reaction, w.attempt, w.replay, exists (select ${EARLIER} and b.dead), ${ABOUT}
    from ${WAITING} w where not w.dead and w.run_at <= clock_timestamp() and not exists (select ${EARLIER} and (not b.dead or b.held))
    order by w.run_at limit ${numberLiteral(MOST_DUE)}`,
}

/** The events whose next attempt is due: of each row and reaction the first that waits. @throws the driver's error */
export async function dueEvents(run: Run): Promise<readonly WaitingEvent[]> {
  return (await run(DUE, {})).flatMap((row: Row) => {
    const [reaction, attempt, replay, afterGap] = row
    const event = eventOf(row.slice(4))
    if (event === null) return []
    return [{ reaction: reaction ?? '', event, attempt: Number(attempt), replay: replay === 't', afterGap: afterGap === 't' }]
  })
}

const IS_ONE: Sql = sql`reaction = ${slot('reaction', 'text')} and event = ${slot('event', 'bigint')}`
const DONE: Statement = { name: 'events.done', sql: sql`delete from ${WAITING} where ${IS_ONE} and not dead` }
const FAILED: Statement = {
  name: 'events.failed',
  sql: sql`update ${WAITING} set attempt = ${slot('attempt', 'integer')}, error = ${slot('error', 'text')}, failed_at = now(),
      dead = ${slot('retry_in', 'double precision')} is null, held = ${slot('held', 'boolean')},
      run_at = clock_timestamp() + coalesce(${slot('retry_in', 'double precision')}, 0) * interval '1 millisecond'
    where ${IS_ONE}`,
}
const COUNT: Statement = { name: 'events.count-waiting', sql: sql`select count(*) from (select from ${WAITING} limit 1) w` }

/** Removes an event that was delivered. @throws the driver's error */
export async function removeWaiting(run: Run, { reaction, event }: Pick<WaitingEvent, 'reaction' | 'event'>): Promise<void> {
  await run(DONE, { reaction, event: event.id })
}

/** Keeps the failure of an event that waits. @throws the driver's error */
export async function keepFailure(
  run: Run,
  { reaction, event }: Pick<WaitingEvent, 'reaction' | 'event'>,
  failed: FailedAttempt,
): Promise<void> {
  const { attempt, error, retryInMs, held } = failed
  await run(FAILED, { reaction, event: event.id, attempt, error, retry_in: retryInMs, held })
}

/** Whether any event waits or was given up. @throws the driver's error */
export async function hasWaiting(run: Run): Promise<boolean> {
  const [row] = await run(COUNT, {})
  return row?.[0] !== '0'
}
