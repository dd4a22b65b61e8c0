/** The messages to webhooks: adds them, leases those that are due, and keeps what became of them. */

import { ident, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

const DELIVERIES = ident(SYSTEM_SCHEMA, 'webhook_deliveries')

/** A message to a receiver. */
export interface NewDelivery {
  /** The receiver. */
  readonly endpoint: string
  /** The name of the reaction that sends it. */
  readonly reaction: string
  /** The number of the event. */
  readonly event: string
  readonly entity: string
  readonly rowId: string
  /** The name of the event: `Post.created`. */
  readonly type: string
  /** The id of the message, which receivers see. */
  readonly message: string
  readonly body: string
  /** Whether later messages about the row wait for one that was given up. */
  readonly hold: boolean
  /** Whether a message that was sent before is sent again, because somebody asked for it. */
  readonly again: boolean
}

/** A message waits at least as long as the earlier ones about its row. */
const ADD: Statement = {
  name: 'webhooks.add',
  sql: sql`insert into ${DELIVERIES} as d (endpoint, reaction, event, entity, row_id, type, message, body, hold, run_at)
    select r.endpoint, r.reaction, r.event, r.entity, r."rowId", r.type, r.message, r.body, r.hold, coalesce((select max(b.run_at) from ${DELIVERIES} b
      where b.endpoint = r.endpoint and b.entity = r.entity and b.row_id = r."rowId" and b.state = 'waiting'), clock_timestamp())
    from jsonb_to_recordset(${slot('rows', 'jsonb')}) as r (endpoint text, reaction text, event bigint, entity text, "rowId" text, type text,
      message text, body text, hold boolean, again boolean)
    on conflict (endpoint, reaction, event) do update set state = 'waiting', attempt = 0, run_at = clock_timestamp(), ended_at = null
      where ${slot('again', 'boolean')} and d.state <> 'waiting'`,
}

/** Adds messages. One that is there already is not added again. @throws the driver's error */
export async function addDeliveries(run: Run, added: readonly NewDelivery[]): Promise<void> {
  if (added.length > 0) await run(ADD, { rows: JSON.stringify(added), again: added[0]?.again === true })
}

/** A message that this process sends. */
export interface Leased {
  readonly id: string
  readonly endpoint: string
  readonly message: string
  readonly body: string
  /** From 1. */
  readonly attempt: number
}

/** Seconds after which a message whose process has ended is sent again: longer than an attempt. */
const LEASE_SECONDS = 60

/** Whether an earlier message about the row of `w` must be sent before. */
const IS_BEHIND: Sql = sql`exists (select from ${DELIVERIES} b where b.endpoint = w.endpoint and b.entity = w.entity and b.row_id = w.row_id
  and (b.event, b.id) < (w.event, w.id) and (b.state = 'waiting' or b.state = 'failed' and b.hold))`

/** Each receiver gets its part, found by the index: one with many messages keeps none from the others. */
const LEASE: Statement = {
  name: 'webhooks.lease',
  sql: sql`with recursive ends (endpoint) as (
      (select min(d.endpoint) from ${DELIVERIES} d where d.state = 'waiting')
      union all select (select min(d.endpoint) from ${DELIVERIES} d where d.state = 'waiting' and d.endpoint > e.endpoint)
        from ends e where e.endpoint is not null),
    picked as materialized (
      select p.id from (select endpoint from ends where endpoint is not null order by random()) e
      left join unnest(${slot('busy', 'text[]')}, ${slot('free', 'integer[]')}) as k (endpoint, free) on k.endpoint = e.endpoint
      cross join lateral (select w.id from ${DELIVERIES} w where w.endpoint = e.endpoint and w.state = 'waiting' and w.run_at <= clock_timestamp()
        and not ${IS_BEHIND} order by w.run_at, w.event limit coalesce(k.free, ${slot('each', 'integer')}) for update of w skip locked) p
      limit ${slot('most', 'integer')})
    update ${DELIVERIES} d set attempt = d.attempt + 1, run_at = clock_timestamp() + ${numberLiteral(LEASE_SECONDS)} * interval '1 second'
    from picked where d.id = picked.id returning d.id, d.endpoint, d.message, d.body, d.attempt`,
}

/** How many messages to lease. */
export interface LeaseLimits {
  readonly most: number
  /** For each receiver. */
  readonly each: number
  /** Receivers that get fewer, with their number. */
  readonly free: ReadonlyMap<string, number>
}

/** Takes messages that are due. Of one row and receiver there is one. @throws the driver's error */
export async function leaseDeliveries(run: Run, { most, each, free }: LeaseLimits): Promise<readonly Leased[]> {
  const values = { most, each, busy: arrayLiteral([...free.keys()]), free: arrayLiteral([...free.values()].map(String)) }
  return (await run(LEASE, values)).map(([id, endpoint, message, body, attempt]) => ({
    id: id ?? '',
    endpoint: endpoint ?? '',
    message: message ?? '',
    body: body ?? '',
    attempt: Number(attempt),
  }))
}

/** One attempt, for the log. */
export interface WebhookAttempt {
  /** In ISO 8601. */
  readonly at: string
  readonly durationMs: number
  /** The status of the answer; null without an answer. */
  readonly status: number | null
  /** The first kilobyte of the answer. */
  readonly answer: string
  /** Why it failed; null for one that succeeded. */
  readonly error: string | null
}

/** What follows an attempt: nothing, another one after a pause, or none. */
export type Settled =
  | { readonly state: 'sent' | 'failed' }
  /** `counts` is false for an attempt that ended because the process stops. */
  | { readonly state: 'waiting'; readonly pauseMs: number; readonly counts: boolean }

/** The attempts that are kept: those of two schedules. */
const KEPT_ATTEMPTS = 20

/**
 * After the end of a message the next one about its row is due; otherwise all of them wait for the next attempt. An attempt that is not the
 * last one any more, because its lease was over, changes nothing. Messages whose time stays the same are not written: a row may have many.
 */
const SETTLE: Statement = {
  name: 'webhooks.settle',
  sql: sql`with settled as (
      update ${DELIVERIES} d set state = ${slot('state', 'text')}, run_at = clock_timestamp() + ${slot('pause', 'double precision')} * interval '1 millisecond',
        attempt = d.attempt - ${slot('back', 'integer')}, ended_at = case when ${slot('state', 'text')} <> 'waiting' then clock_timestamp() end,
        attempts = case when jsonb_array_length(d.attempts) >= ${numberLiteral(KEPT_ATTEMPTS)} then d.attempts - 0 else d.attempts end
          || ${slot('attempt_log', 'jsonb')}
      where d.id = ${slot('id', 'bigint')} and d.attempt = ${slot('attempt', 'integer')} and d.state = 'waiting'
      returning d.id, d.endpoint, d.entity, d.row_id, d.run_at)
    update ${DELIVERIES} l set run_at = s.run_at
    from settled s where l.endpoint = s.endpoint and l.entity = s.entity and l.row_id = s.row_id and l.state = 'waiting' and l.id <> s.id
      and case when ${slot('state', 'text')} = 'waiting' then l.run_at < s.run_at else l.run_at > s.run_at end`,
}

/** Keeps what became of an attempt. @throws the driver's error */
export async function settleDelivery(
  run: Run,
  { id, attempt }: Pick<Leased, 'id' | 'attempt'>,
  settled: Settled,
  log: WebhookAttempt,
): Promise<void> {
  const [pause, back] = settled.state === 'waiting' ? [settled.pauseMs, settled.counts ? 0 : 1] : [0, 0]
  await run(SETTLE, { id, attempt, state: settled.state, pause, back, attempt_log: JSON.stringify([log]) })
}

const FAIL: Statement = {
  name: 'webhooks.fail',
  sql: sql`update ${DELIVERIES} set state = 'failed', ended_at = clock_timestamp() where endpoint = ${slot('endpoint', 'text')} and state = 'waiting'`,
}

/** Gives up all messages that wait for a receiver. @throws the driver's error */
export async function failDeliveries(run: Run, endpoint: string): Promise<void> {
  await run(FAIL, { endpoint })
}

/** Days that messages are kept after their end: those that were sent, and those that were given up. */
const SENT_DAYS = 7
const FAILED_DAYS = 30

const SWEEP: Statement = {
  name: 'webhooks.sweep',
  sql: sql`with gone as (delete from ${DELIVERIES} where ctid = any (array(select d.ctid from ${DELIVERIES} d
      where d.ended_at < now() - ${numberLiteral(SENT_DAYS)} * interval '1 day'
        and (d.state = 'sent' or d.ended_at < now() - ${numberLiteral(FAILED_DAYS)} * interval '1 day') limit 1000)) returning 1)
    select count(*) from gone`,
}

/** Forgets old messages, at most 1,000 in one call. Returns how many. @throws the driver's error */
export async function sweepDeliveries(run: Run): Promise<number> {
  const [[count] = []] = await run(SWEEP, {})
  return Number(count)
}
