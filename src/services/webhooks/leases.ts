/** Which messages are ready, and leases of them: a message is sent by one process at a time. */

import { ident, numberLiteral, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { BODIES, DELIVERIES, isBehind } from './orders.ts'

/** Receivers that one look at the ready messages visits, and messages that it gives. */
const MOST_VISITED = 200
const MOST_GIVEN = 400

const NEXT = sql`order by d.endpoint limit 1`

/** Goes from receiver to receiver by the index, so one with many messages costs no more than one with few. */
const READY: Statement = {
  name: 'webhooks.ready',
  sql: sql`with recursive visits (endpoint, n) as (
      (select d.endpoint, 1 from ${DELIVERIES} d where d.turn = 'ready' and d.endpoint > ${slot('after', 'text')} ${NEXT})
      union all
      select next.endpoint, v.n + 1 from visits v
      cross join lateral (select d.endpoint from ${DELIVERIES} d where d.turn = 'ready' and d.endpoint > v.endpoint ${NEXT}) next
      where v.n < ${numberLiteral(MOST_VISITED)})
    select v.endpoint, v.n, r.id, r.owner, r.host from visits v
    left join lateral (select d.id, d.owner, d.host from ${DELIVERIES} d where d.endpoint = v.endpoint and d.turn = 'ready'
      and v.endpoint <> all (${slot('full', 'text[]')}) order by d.event, d.id limit ${slot('each', 'integer')}) r on true
    limit ${numberLiteral(MOST_GIVEN)}`,
}

/** A message that may be sent now. */
export interface ReadyMessage {
  readonly id: string
  readonly endpoint: string
  /** The account of a subscription; null for a receiver of the design. */
  readonly owner: string | null
  /** The host of a subscription; empty for a receiver of the design. */
  readonly host: string
}

/** Ready messages of some receivers. */
export interface ReadyPage {
  readonly messages: readonly ReadyMessage[]
  /** The last receiver that was visited; null if there are no more. */
  readonly last: string | null
}

/** Where to look for ready messages. */
export interface ReadyLook {
  /** The receiver after which to begin; null: with the first one. */
  readonly after: string | null
  /** Messages of one receiver. */
  readonly each: number
  /** Receivers whose messages are left out. */
  readonly full: readonly string[]
}

/** The next ready messages. It costs no more where more messages wait. @throws the driver's error */
export async function readyMessages(run: Run, { after, each, full }: ReadyLook): Promise<ReadyPage> {
  const rows = await run(READY, { after: after ?? '', each, full: arrayLiteral(full) })
  const last = rows.at(-1)
  const hasMore = rows.length === MOST_GIVEN || Number(last?.[1]) === MOST_VISITED
  const messages = rows.flatMap(([endpoint, , id, owner, host]) =>
    id === null || id === undefined ? [] : [{ id, endpoint: endpoint ?? '', owner: owner ?? null, host: host ?? '' }],
  )
  return { messages, last: hasMore ? (last?.[0] ?? null) : null }
}

/** A message that this process sends. */
export interface LeasedMessage extends ReadyMessage {
  /** The number of the event, and the name of the reaction. */
  readonly event: string
  readonly reaction: string
  readonly message: string
  /** Whether it was made more than five seconds ago or was tried before, so that the rights of its account may have changed. */
  readonly isOld: boolean
  /** Null when it is gone: the sweep may have removed it while an old message was sent again. */
  readonly body: string | null
  /** From 1. */
  readonly attempt: number
}

/** What may be sent now of a message that was made before. */
export type ContentNow =
  | { readonly kind: 'content'; readonly body: string }
  /** It cannot be told now. */
  | { readonly kind: 'later'; readonly reason: string }
  /** Nothing may be sent, for good. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Seconds after which it is asked again what the account of a message may read. */
const FRESH_SECONDS = 5

/** Seconds after which a message whose process has ended is sent again: longer than an attempt. */
const LEASE_SECONDS = 60

const W = ident('w')

/** A message that must wait for an earlier one, which was added or replayed meanwhile, is put behind it. */
const LEASE: Statement = {
  name: 'webhooks.lease',
  sql: sql`with picked as materialized (
      select w.id, ${isBehind(W)} as behind from ${DELIVERIES} w
      where w.id = any (${slot('ids', 'bigint[]')}) and w.turn = 'ready' for update of w skip locked),
    leased as (
      update ${DELIVERIES} d set turn = case when p.behind then 'behind' else 'sending' end,
        attempt = d.attempt + case when p.behind then 0 else 1 end,
        run_at = case when not p.behind then clock_timestamp() + ${numberLiteral(LEASE_SECONDS)} * interval '1 second' end
      from picked p where d.id = p.id returning d.*)
    select l.id, l.endpoint, l.owner, l.host, l.message, l.attempt, b.body, l.event, l.reaction,
      l.attempt > 1 or l.added_at < now() - ${numberLiteral(FRESH_SECONDS)} * interval '1 second' from leased l
    left join ${BODIES} b on b.event = l.event and b.reaction = l.reaction and b.digest = l.digest
    where l.turn = 'sending' order by l.event, l.id`,
}

/** Leases those of the messages that are still ready: at most one for each row and receiver. @throws the driver's error */
export async function leaseMessages(run: Run, ids: readonly string[]): Promise<readonly LeasedMessage[]> {
  if (ids.length === 0) return []
  return (await run(LEASE, { ids: arrayLiteral(ids) })).map(
    ([id, endpoint, owner, host, message, attempt, body, event, reaction, isOld]) => ({
      id: id ?? '',
      endpoint: endpoint ?? '',
      owner: owner ?? null,
      host: host ?? '',
      message: message ?? '',
      attempt: Number(attempt),
      body: body ?? null,
      event: event ?? '',
      reaction: reaction ?? '',
      isOld: isOld === 't',
    }),
  )
}

const RETURN: Statement = {
  name: 'webhooks.return',
  sql: sql`update ${DELIVERIES} d set turn = 'ready', run_at = null, attempt = d.attempt - 1, host = ${slot('host', 'text')}
    where d.id = ${slot('id', 'bigint')} and d.attempt = ${slot('attempt', 'integer')} and d.turn = 'sending'`,
}

/** Gives back a leased message that was not sent, because its host has changed. @throws the driver's error */
export async function returnMessage(run: Run, { id, attempt }: Pick<LeasedMessage, 'id' | 'attempt'>, host: string): Promise<void> {
  await run(RETURN, { id, attempt, host })
}

/** Messages whose time has come that one call makes ready. */
const MOST_DUE = 1_000

const DUE: Statement = {
  name: 'webhooks.due',
  sql: sql`with due as materialized (
      select d.id from ${DELIVERIES} d where d.run_at is not null and d.run_at <= now() order by d.run_at
      limit ${numberLiteral(MOST_DUE)} for update of d skip locked),
    made as (
      update ${DELIVERIES} d set turn = 'ready', run_at = null from due where d.id = due.id and d.turn in ('later', 'sending') returning 1)
    select count(*) from made`,
}

/** Makes messages ready whose pause or lease is over. Returns how many. @throws the driver's error */
export async function readyDueMessages(run: Run): Promise<number> {
  const [[count] = []] = await run(DUE, {})
  return Number(count)
}
