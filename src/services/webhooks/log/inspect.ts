/** Reads the log of messages for operators, and sends messages again. */

import { isoText } from '../../../base/sql/iso-text.ts'
import { numberLiteral, slot, sql } from '../../../base/sql/sql.ts'
import type { Row, Run, Statement } from '../../../base/sql/statement.ts'
import { arrayLiteral } from '../../../compile/values/encode.ts'
import type { WebhookAttempt } from '../deliveries.ts'
import { DELIVERY_STATES, type DeliveryState, MESSAGE_TURNS, type MessageTurn } from '../delivery-states.ts'
import { BODIES, DELIVERIES, type MessageOrder, releaseOrders } from '../orders.ts'

/** The numbers of messages to one receiver. */
export interface DeliveryCounts {
  readonly endpoint: string
  readonly waiting: number
  readonly sent: number
  readonly failed: number
}

/** A message. Times are in ISO 8601. */
export interface DeliveryRecord {
  readonly id: string
  readonly endpoint: string
  readonly state: DeliveryState
  /** The name of the event, its number, and its row. */
  readonly type: string
  readonly event: string
  readonly row: string
  /** The id that receivers see. */
  readonly message: string
  readonly addedAt: string
  /** What it waits for; null for one that has ended. */
  readonly turn: MessageTurn | null
  /** When the next attempt is due, or when it ended; null for one that waits for a sender or for an earlier message. */
  readonly at: string | null
  readonly attempts: readonly WebhookAttempt[]
}

/** A message with its body. */
export interface ShownDelivery extends DeliveryRecord {
  readonly body: string
}

const COLUMNS = sql`d.id, d.endpoint, d.state, d.type, d.event, d.entity || ' ' || d.row_id, d.message, ${isoText(sql`d.added_at`)},
  ${isoText(sql`coalesce(d.ended_at, d.run_at)`)}, d.attempts::text, d.turn`

/** Messages of a webhook: to its receiver, or to all of its subscriptions, or to one of them. */
const OF_WEBHOOK = sql`(${slot('webhook', 'text')} is null or d.endpoint = ${slot('webhook', 'text')}
  or starts_with(d.endpoint, ${slot('webhook', 'text')} || ':'))`

/** Receivers that are counted. */
const MOST_COUNTED = 100

const COUNTS: Statement = {
  name: 'webhooks.counts',
  sql: sql`select endpoint, count(*) filter (where state = 'waiting'), count(*) filter (where state = 'sent'), count(*) filter (where state = 'failed')
    from ${DELIVERIES} group by endpoint order by endpoint limit ${numberLiteral(MOST_COUNTED)}`,
}

const LIST: Statement = {
  name: 'webhooks.list',
  sql: sql`select ${COLUMNS} from ${DELIVERIES} d where ${OF_WEBHOOK} and (${slot('state', 'text')} is null or d.state = ${slot('state', 'text')})
    order by d.id desc limit ${slot('limit', 'integer')}`,
}

const SHOW: Statement = {
  name: 'webhooks.show',
  sql: sql`select ${COLUMNS}, b.body from ${DELIVERIES} d
    left join ${BODIES} b on b.event = d.event and b.reaction = d.reaction and b.digest = d.digest where d.id = ${slot('id', 'bigint')}`,
}

const CHOSEN = sql`(d.id = any (${slot('ids', 'bigint[]')}) or ${slot('ids', 'bigint[]')} is null)
  and ${OF_WEBHOOK} and (${slot('state', 'text')} is null or d.state = ${slot('state', 'text')})
  and d.added_at >= coalesce(${slot('since', 'timestamptz')}, '-infinity'::timestamptz)`

/**
 * One that waits for its time is sent now; what is ready, under way or behind an earlier one is sent anyway. Messages that are being sent
 * are not locked, because the sender would wait for the end of a transaction of the caller.
 */
const REPLAY: Statement = {
  name: 'webhooks.replay',
  sql: sql`with chosen as materialized (
      select d.id, d.turn from ${DELIVERIES} d where ${CHOSEN} and (d.turn is null or d.turn = 'later') for update),
    changed as (
      update ${DELIVERIES} d set state = 'waiting', turn = case when c.turn is null then 'behind' else 'ready' end, attempt = 0, run_at = null,
        ended_at = null
      from chosen c where d.id = c.id and (c.turn is null or c.turn = 'later') returning d.id, d.endpoint, d.entity, d.row_id)
    select c.id, c.endpoint, c.entity, c.row_id, null from changed c
    union all select d.id, null, null, null, d.turn from ${DELIVERIES} d where ${CHOSEN} and d.turn <> 'later'`,
}

/** The numbers of messages, by receiver. @throws the driver's error */
export async function countDeliveries(run: Run): Promise<readonly DeliveryCounts[]> {
  return (await run(COUNTS, {})).map(([endpoint, waiting, sent, failed]) => ({
    endpoint: endpoint ?? '',
    waiting: Number(waiting),
    sent: Number(sent),
    failed: Number(failed),
  }))
}

/** The messages of a webhook and in a state, or all; the newest first. @throws the driver's error */
export async function listDeliveries(
  run: Run,
  which: { readonly webhook: string | null; readonly state: DeliveryState | null; readonly limit: number },
): Promise<readonly DeliveryRecord[]> {
  return (await run(LIST, which)).map(recordOf)
}

/** A message; null if there is none with the id. @throws the driver's error */
export async function showDelivery(run: Run, id: string): Promise<ShownDelivery | null> {
  const [row] = await run(SHOW, { id })
  return row === undefined ? null : { ...recordOf(row), body: row[11] ?? '' }
}

/** Which messages to send again: those with these ids, or those of a webhook that were added since a moment. */
export type ReplayedDeliveries =
  | { readonly ids: readonly string[] }
  | { readonly webhook: string; readonly state: DeliveryState | null; readonly since: string | null }

/** What a replay has done. */
export interface Replayed {
  /** The messages that are sent again, or at once instead of later. */
  readonly again: readonly string[]
  /** Those that wait for a sender or an earlier message, or are being sent: nothing has changed for them. */
  readonly waiting: readonly { readonly id: string; readonly turn: MessageTurn }[]
}

/** Sends messages again, or at once, with all attempts and the same ids. @throws the driver's error */
export async function replayDeliveries(run: Run, which: ReplayedDeliveries): Promise<Replayed> {
  const values = 'ids' in which ? { ids: arrayLiteral(which.ids), webhook: null, state: null, since: null } : { ids: null, ...which }
  const rows = await run(REPLAY, values)
  const changed = rows.filter(([, endpoint]) => endpoint !== null)
  await releaseOrders(
    run,
    changed.map(([, endpoint, entity, rowId]): MessageOrder => ({ endpoint: endpoint ?? '', entity: entity ?? '', rowId: rowId ?? '' })),
  )
  const waiting = rows.flatMap(([id, , , , text]) => {
    const turn = turnOf(text)
    return turn === null ? [] : [{ id: id ?? '', turn }]
  })
  return { again: changed.map(([id]) => id ?? ''), waiting }
}

function turnOf(text: string | null | undefined): MessageTurn | null {
  return MESSAGE_TURNS.find((one) => one === text) ?? null
}

function recordOf([id, endpoint, state, type, event, row, message, addedAt, at, attempts, turn]: Row): DeliveryRecord {
  return {
    id: id ?? '',
    endpoint: endpoint ?? '',
    state: DELIVERY_STATES.find((one) => one === state) ?? 'waiting',
    type: type ?? '',
    event: event ?? '',
    row: row ?? '',
    message: message ?? '',
    addedAt: addedAt ?? '',
    at: at ?? null,
    turn: turnOf(turn),
    attempts: JSON.parse(attempts ?? '[]'),
  }
}
