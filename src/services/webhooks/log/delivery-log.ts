/** The messages to a subscription, as its account sees them: without answers of the receiver and addresses that it may not know. */

import { isoText } from '../../../base/sql/iso-text.ts'
import { type Sql, slot, sql } from '../../../base/sql/sql.ts'
import type { Row, Run, Statement } from '../../../base/sql/statement.ts'
import { arrayLiteral } from '../../../compile/values/encode.ts'
import type { WebhookAttempt } from '../deliveries.ts'
import { DELIVERY_STATES, type DeliveryState, MESSAGE_TURNS, type MessageTurn } from '../delivery-states.ts'
import { DELIVERIES } from '../orders.ts'

/** An attempt of a message. */
export interface SeenAttempt {
  /** In ISO 8601. */
  readonly at: string
  readonly durationMs: number
  /** The status of the answer; null without an answer. */
  readonly status: number | null
  /** Why it failed; null for one that succeeded. */
  readonly error: string | null
}

/** A message to a subscription. Times are in ISO 8601. */
export interface SeenDelivery {
  /** The `webhook-id` that the receiver sees. */
  readonly id: string
  /** The name of the event. */
  readonly type: string
  readonly state: DeliveryState
  /** What it waits for; null for one that has ended. */
  readonly waitsFor: MessageTurn | null
  readonly createdAt: string
  /** When it was sent or given up; null while it waits. */
  readonly endedAt: string | null
  /** When the next attempt is due, for one that waits for a time. */
  readonly nextAttemptAt: string | null
  /** The status of the last answer; null if there was none. */
  readonly lastStatus: number | null
  /** The attempts that are kept, the oldest first. */
  readonly attempts: readonly SeenAttempt[]
}

/** A message with what is needed to send it again. */
export interface FoundDelivery {
  /** Its id in the table. */
  readonly row: string
  readonly endpoint: string
  /** The number of the event, and the name of the reaction. */
  readonly event: string
  readonly reaction: string
  readonly owner: string | null
  readonly seen: SeenDelivery
}

/** A part of the messages to a subscription, the newest first. */
export interface DeliveryPage {
  readonly deliveries: readonly SeenDelivery[]
  /** The id of the last one; null on the last page. */
  readonly next: string | null
}

/** What an attempt says in place of a reason that has names or addresses of the own network. */
const FORBIDDEN = 'the address of the subscription may not be reached'

const ATTEMPTS = sql`(select coalesce(jsonb_agg(a.attempt - 'answer' order by a.n), '[]')::text
  from jsonb_array_elements(d.attempts) with ordinality as a (attempt, n))`
const COLUMNS = sql`d.id, d.message, d.type, d.state, d.turn, ${isoText(sql`d.added_at`)}, ${isoText(sql`d.ended_at`)},
  ${isoText(sql`case when d.turn = 'later' then d.run_at end`)}, ${ATTEMPTS}, d.endpoint, d.event, d.reaction, d.owner`

const ENDPOINTS = slot('endpoints', 'text[]')
/** The message with an id, to one of the endpoints. The number of the event is in the id, and leads to it by an index. */
const named = (column: Sql): Sql => sql`(select ${column} from ${DELIVERIES} x where x.event = ${slot('event', 'bigint')}
  and x.endpoint = any (${ENDPOINTS}) and x.message = ${slot('message', 'text')} limit 1)`

/** Each endpoint has its own part of the index. There is more than one if several webhooks have the same entity. */
const LIST: Statement = {
  name: 'webhooks.log',
  sql: sql`select ${COLUMNS} from unnest(${ENDPOINTS}) as e (endpoint)
    cross join lateral (select * from ${DELIVERIES} o where o.endpoint = e.endpoint
      and (${slot('message', 'text')} is null or o.id < ${named(sql`x.id`)}) order by o.id desc limit ${slot('limit', 'integer')}) d
    order by d.id desc limit ${slot('limit', 'integer')}`,
}

const FIND: Statement = { name: 'webhooks.log-of', sql: sql`select ${COLUMNS} from ${DELIVERIES} d where d.id = ${named(sql`x.id`)}` }

/** The number of the event in the id of a message; null for a text that is no such id. */
function eventIn(message: string): string | null {
  return /^evt_(\d{1,18})_[0-9a-f]{16}$/.exec(message)?.[1] ?? null
}

/** Whether a text has the form of the id of a message. */
export function isMessageId(text: string): boolean {
  return eventIn(text) !== null
}

/** Where a page begins, and how many messages it has at most. */
export interface DeliveryPaging {
  /** The id of the last message of the page before; null for the first page. */
  readonly after: string | null
  readonly size: number
}

/** The messages to these endpoints. @throws the driver's error */
export async function deliveriesTo(run: Run, endpoints: readonly string[], { after, size }: DeliveryPaging): Promise<DeliveryPage> {
  const event = after === null ? null : eventIn(after)
  const values = { endpoints: arrayLiteral(endpoints), message: after, event, limit: size + 1 }
  const all = (await run(LIST, values)).map((row) => foundIn(row).seen)
  const deliveries = all.slice(0, size)
  return { deliveries, next: all.length > size ? (deliveries.at(-1)?.id ?? null) : null }
}

/** The message with an id, to one of these endpoints; null for none. @throws the driver's error */
export async function deliveryTo(run: Run, endpoints: readonly string[], message: string): Promise<FoundDelivery | null> {
  const event = eventIn(message)
  if (event === null) return null
  const [row] = await run(FIND, { endpoints: arrayLiteral(endpoints), message, event })
  return row === undefined ? null : foundIn(row)
}

function foundIn(row: Row): FoundDelivery {
  const [id, message, type, state, turn, createdAt, endedAt, nextAttemptAt, kept, endpoint, event, reaction, owner] = row
  const attempts = (JSON.parse(kept ?? '[]') as readonly WebhookAttempt[]).map(seenAttempt)
  const seen: SeenDelivery = {
    id: message ?? '',
    type: type ?? '',
    state: DELIVERY_STATES.find((one) => one === state) ?? 'waiting',
    waitsFor: MESSAGE_TURNS.find((one) => one === turn) ?? null,
    createdAt: createdAt ?? '',
    endedAt: endedAt ?? null,
    nextAttemptAt: nextAttemptAt ?? null,
    lastStatus: attempts.findLast(({ status }) => status !== null)?.status ?? null,
    attempts,
  }
  return { row: id ?? '', endpoint: endpoint ?? '', event: event ?? '', reaction: reaction ?? '', owner: owner ?? null, seen }
}

/** Attempts of earlier versions have no kind. What they say of a connection that was not made may not be shown. */
function seenAttempt({ at, durationMs, status, error, kind }: WebhookAttempt): SeenAttempt {
  const isShown = error === null || status !== null || kind === 'failed' || kind === 'unsent'
  return { at, durationMs, status, error: isShown ? error : FORBIDDEN }
}
