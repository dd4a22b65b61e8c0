/** The statements of received messages. */

import { ident, literal, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { JOBS_TABLE } from '../../compile/statements/job-row.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

const MESSAGES = ident(SYSTEM_SCHEMA, 'broker_messages')
const RECEIVERS = ident(SYSTEM_SCHEMA, 'broker_receivers')
const DEAD = ident(SYSTEM_SCHEMA, 'dead_jobs')
const SUBSCRIPTION = slot('subscription', 'text')
const HOLDER = slot('holder', 'uuid')
const KIND = slot('kind', 'text')
/** The sequence of the ids of jobs, which dead jobs share. */
const JOB_IDS = sql`pg_get_serial_sequence(${literal(`${SYSTEM_SCHEMA}.jobs`)}, 'id')`

/** The days for which the ids of messages are remembered. */
const REMEMBERED_DAYS = 7

const UNTIL = sql`clock_timestamp() + ${slot('lease_ms', 'integer')} * interval '1 millisecond'`
const HOLD: Statement = {
  name: 'broker.hold',
  sql: sql`insert into ${RECEIVERS} as r (subscription, holder, held_until) values (${SUBSCRIPTION}, ${HOLDER}, ${UNTIL})
    on conflict (subscription) do update set holder = excluded.holder, held_until = excluded.held_until
    where r.holder = excluded.holder or r.held_until < clock_timestamp() returning 1`,
}
const LET_GO: Statement = {
  name: 'broker.let-go',
  sql: sql`update ${RECEIVERS} set held_until = now() where subscription = ${SUBSCRIPTION} and holder = ${HOLDER}`,
}

/** The lease of a process on a subscription. */
export interface Holding {
  readonly subscription: string
  /** A UUID of the process. */
  readonly holder: string
}

/** Takes the lease on a subscription or extends it. False while another process has it. @throws the driver's error */
export async function holdSubscription(run: Run, { subscription, holder }: Holding, leaseMs: number): Promise<boolean> {
  return (await run(HOLD, { subscription, holder, lease_ms: leaseMs })).length > 0
}

/** Releases the lease. @throws the driver's error */
export async function letGo(run: Run, { subscription, holder }: Holding): Promise<void> {
  await run(LET_GO, { subscription, holder })
}

/** A message as a job. */
export interface MessageJob {
  /** A hash that identifies the message, in hexadecimal digits. */
  readonly key: string
  /** Messages with the same chain run one after the other; null for any order. */
  readonly chain: string | null
  /** The input of the job as JSON. */
  readonly payload: string
  /** Why nothing can be done with the message; null for one that becomes a job. */
  readonly error: string | null
}

/**
 * Adds the messages that were not added before: jobs, and dead jobs for those with an error. A job behind an unfinished one of its chain
 * has the time infinity, until `RELEASE` or the end of that job makes it due. Nothing is added by a process without the lease.
 */
const ADD: Statement = {
  name: 'broker.add',
  sql: sql`with held as materialized (
      select from ${RECEIVERS} where subscription = ${SUBSCRIPTION} and holder = ${HOLDER} and held_until > clock_timestamp() for share),
    given as materialized (
      select m.* from jsonb_to_recordset(${slot('messages', 'jsonb')}) as m (place integer, key text, chain text, payload text, error text)
      where exists (select from held)),
    fresh as (
      insert into ${MESSAGES} (subscription, key) select ${SUBSCRIPTION}, decode(g.key, 'hex') from given g
      on conflict do nothing returning encode(key, 'hex') as key),
    added as (
      insert into ${JOBS_TABLE} (kind, payload, chain, run_at)
      select ${KIND}, g.payload, g.chain, case when exists (
          select from ${JOBS_TABLE} e where e.kind = ${KIND} and e.chain = g.chain)
        or exists (select from given e join fresh f on f.key = e.key where e.chain = g.chain and e.place < g.place and e.error is null)
        then 'infinity' else clock_timestamp() end
      from given g join fresh using (key) where g.error is null order by g.place returning 1),
    dead as (
      insert into ${DEAD} (id, kind, payload, attempt, error)
      select nextval(${JOB_IDS}), ${KIND}, g.payload, 0, g.error from given g join fresh using (key) where g.error is not null returning 1)
    select exists (select from held), (select count(*) from added), (select count(*) from dead)`,
}

/** Makes the first job of each chain due. The end of a job and the arrival of the next one may miss each other. */
const RELEASE: Statement = {
  name: 'broker.release',
  sql: sql`update ${JOBS_TABLE} j set run_at = clock_timestamp()
    where j.kind = ${KIND} and j.worker is null and j.run_at = 'infinity'
      and not exists (select from ${JOBS_TABLE} e where e.kind = j.kind and e.chain = j.chain and e.id < j.id)`,
}

/** The most messages of a job that can run and wait in the database. The broker keeps the others. */
const MOST_WAITING = 1_000
/** The most that wait there behind another one of their chain. They may do so for long, and leave the room of the others free. */
const MOST_BEHIND = 10_000
const hasFewer = (most: number, runAt: Sql): Sql =>
  sql`(select count(*) < ${numberLiteral(most)} from (
      select from ${JOBS_TABLE} where kind = ${KIND} and worker is null and ${runAt} limit ${numberLiteral(most)}) w)`
const HAS_ROOM: Statement = {
  name: 'broker.has-room',
  sql: sql`select ${hasFewer(MOST_WAITING, sql`run_at < 'infinity'`)} and ${hasFewer(MOST_BEHIND, sql`run_at = 'infinity'`)}`,
}

const SWEEP: Statement = {
  name: 'broker.sweep',
  sql: sql`with gone as (
      delete from ${MESSAGES} where ctid = any (array(
        select ctid from ${MESSAGES} where received_at < now() - ${numberLiteral(REMEMBERED_DAYS)} * interval '1 day' limit 1000)) returning 1)
    select count(*) from gone`,
}

/** What became of messages. */
export interface AddedMessages {
  /** False if the process has lost the lease: then nothing was added. */
  readonly isHeld: boolean
  readonly jobs: number
  readonly dead: number
}

/** Adds messages, each once, in their order. @throws the driver's error */
export async function addMessages(
  run: Run,
  { subscription, holder }: Holding,
  { kind, messages }: { readonly kind: string; readonly messages: readonly MessageJob[] },
): Promise<AddedMessages> {
  // A statement inserts a key once; of two equal ones the first counts.
  const each = [...new Map(messages.toReversed().map((message) => [message.key, message])).values()].toReversed()
  const texts = JSON.stringify(each.map((message, place) => ({ place, ...message })))
  const [row] = await run(ADD, { subscription, holder, kind, messages: texts })
  return { isHeld: row?.[0] === 't', jobs: Number(row?.[1] ?? 0), dead: Number(row?.[2] ?? 0) }
}

/** Makes jobs due that are no longer behind another one of their chain. @throws the driver's error */
export async function releaseMessages(run: Run, kind: string): Promise<void> {
  await run(RELEASE, { kind })
}

/** Whether more messages of a job may be added. @throws the driver's error */
export async function hasRoom(run: Run, kind: string): Promise<boolean> {
  const [row] = await run(HAS_ROOM, { kind })
  return row?.[0] === 't'
}

/** Forgets the ids of messages, at most 1,000 in one call. @returns how many. */
export async function sweepMessages(run: Run): Promise<number> {
  const [[count] = []] = await run(SWEEP, {})
  return Number(count)
}
