/** The messages to webhooks: adds them, and keeps what became of them. */

import { createHash } from 'node:crypto'
import { ident, numberLiteral, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import type { LeasedMessage } from './leases.ts'
import { BODIES, DELIVERIES, type MessageOrder, releaseOrders, startsBehind } from './orders.ts'

/** What the messages of an event to several receivers have in common. */
export interface MessageAbout {
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
  /** Whether later messages about the row wait for one that was given up. */
  readonly hold: boolean
  /** Whether a message that was sent before is sent again, because somebody asked for it. */
  readonly again: boolean
}

/** A receiver of a message, and what it gets. */
export interface AddressedMessage {
  readonly endpoint: string
  /** The account of a subscription; null for a receiver of the design. */
  readonly owner: string | null
  /** The host of a subscription's address; empty for a receiver of the design. */
  readonly host: string
  readonly body: string
}

/** Gives the number of messages that are behind others. */
const ADD: Statement = {
  name: 'webhooks.add',
  sql: sql`with bodies as (
      insert into ${BODIES} (event, reaction, digest, body)
      select ${slot('event', 'bigint')}, ${slot('reaction', 'text')}, b.digest, b.body
      from jsonb_to_recordset(${slot('bodies', 'jsonb')}) as b (digest text, body text)
      on conflict do nothing),
    added as (
      insert into ${DELIVERIES} as d (endpoint, owner, host, digest, reaction, event, entity, row_id, type, message, hold, turn)
      select r.endpoint, r.owner, r.host, r.digest, r.reaction, r.event, r.entity, r.row_id, ${slot('type', 'text')}, ${slot('message', 'text')},
        ${slot('hold', 'boolean')}, case when ${startsBehind(ident('r'))} then 'behind' else 'ready' end
      from (select t.*, ${slot('reaction', 'text')} as reaction, ${slot('event', 'bigint')} as event, ${slot('entity', 'text')} as entity,
          ${slot('row_id', 'text')} as row_id
        from jsonb_to_recordset(${slot('receivers', 'jsonb')}) as t (endpoint text, owner text, host text, digest text)) r
      on conflict (event, reaction, endpoint) do update set state = 'waiting', turn = 'behind', attempt = 0, run_at = null, ended_at = null,
          owner = excluded.owner, host = excluded.host, digest = excluded.digest
        where ${slot('again', 'boolean')} and d.state <> 'waiting'
      returning d.turn)
    select count(*) from added where turn = 'behind'`,
}

/** Adds the messages of an event to these receivers. One that is there already is not added again. @throws the driver's error */
export async function addDeliveries(run: Run, about: MessageAbout, to: readonly AddressedMessage[]): Promise<void> {
  if (to.length === 0) return
  const digests = new Map([...new Set(to.map(({ body }) => body))].map((body) => [body, createHash('sha256').update(body).digest('hex')]))
  const bodies = [...digests].map(([body, digest]) => ({ digest, body }))
  const receivers = to.map(({ endpoint, owner, host, body }) => ({ endpoint, owner, host, digest: digests.get(body) }))
  const { reaction, event, entity, rowId, type, message, hold, again } = about
  const common = { reaction, event, entity, row_id: rowId, type, message, hold, again }
  const [[behind] = []] = await run(ADD, { ...common, bodies: JSON.stringify(bodies), receivers: JSON.stringify(receivers) })
  if (Number(behind) === 0) return
  await releaseOrders(
    run,
    to.map(({ endpoint }) => ({ endpoint, entity, rowId })),
  )
}

/**
 * What became of an attempt: an answer, none, an address that may not be reached, or no request at all, because nobody may get the message
 * or wants it.
 */
export type AttemptKind = 'answered' | 'failed' | 'forbidden' | 'unsent'

/** One attempt, for the log. */
export interface WebhookAttempt {
  /** Absent in attempts that earlier versions made. */
  readonly kind?: AttemptKind
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
  /** `counts` is false for an attempt that was no fault of the receiver. */
  | { readonly state: 'waiting'; readonly pauseMs: number; readonly counts: boolean }

/** The attempts that are kept: those of two schedules. */
const KEPT_ATTEMPTS = 20

/**
 * An attempt that is not the last one any more, because its lease was over, changes nothing. Of attempts that do not count, one after the
 * other with the same error, the last one is kept.
 */
const SETTLE: Statement = {
  name: 'webhooks.settle',
  sql: sql`update ${DELIVERIES} d set state = ${slot('state', 'text')}, turn = ${slot('turn', 'text')},
      run_at = case when ${slot('turn', 'text')} = 'later' then clock_timestamp() + ${slot('pause', 'double precision')} * interval '1 millisecond' end,
      attempt = d.attempt - ${slot('back', 'integer')}, ended_at = case when ${slot('state', 'text')} <> 'waiting' then clock_timestamp() end,
      attempts = case when ${slot('back', 'integer')} = 1 and d.attempts -> -1 -> 'error' = ${slot('log', 'jsonb')} -> 'error' then d.attempts - -1
        when jsonb_array_length(d.attempts) >= ${numberLiteral(KEPT_ATTEMPTS)} then d.attempts - 0 else d.attempts end || ${slot('log', 'jsonb')}
    where d.id = ${slot('id', 'bigint')} and d.attempt = ${slot('attempt', 'integer')} and d.turn = 'sending'
    returning d.endpoint, d.entity, d.row_id`,
}

/**
 * Keeps what became of an attempt. Gives the order whose next message may be due, which is for `releaseOrders`; null for none.
 *
 * @throws the driver's error
 */
export async function settleDelivery(
  run: Run,
  { id, attempt }: Pick<LeasedMessage, 'id' | 'attempt'>,
  settled: Settled,
  log: WebhookAttempt,
): Promise<MessageOrder | null> {
  const [pause, back] = settled.state === 'waiting' ? [settled.pauseMs, settled.counts ? 0 : 1] : [0, 0]
  const turn = settled.state !== 'waiting' ? null : settled.pauseMs === 0 ? 'ready' : 'later'
  const [row] = await run(SETTLE, { id, attempt, state: settled.state, turn, pause, back, log: JSON.stringify(log) })
  if (row === undefined || settled.state === 'waiting') return null
  return { endpoint: row[0] ?? '', entity: row[1] ?? '', rowId: row[2] ?? '' }
}

const FAIL: Statement = {
  name: 'webhooks.fail',
  sql: sql`update ${DELIVERIES} d set state = 'failed', turn = null, run_at = null, ended_at = clock_timestamp(),
      attempts = case when jsonb_array_length(d.attempts) >= ${numberLiteral(KEPT_ATTEMPTS)} then d.attempts - 0 else d.attempts end || ${slot('log', 'jsonb')}
    where d.endpoint = ${slot('endpoint', 'text')} and d.state = 'waiting'`,
}

/** Gives up all messages that wait for a receiver, for the reason of this attempt of another one. @throws the driver's error */
export async function failDeliveries(run: Run, endpoint: string, log: WebhookAttempt): Promise<void> {
  await run(FAIL, { endpoint, log: JSON.stringify(log) })
}
