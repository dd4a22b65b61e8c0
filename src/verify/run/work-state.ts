/** What a backend has still to send, and what it has tried, as the tables of the schema `plinth` say. */

import { setTimeout as wait } from 'node:timers/promises'
import type { Connection } from '../../postgres/connect.ts'
import type { MessageAttempt, WorkState } from '../cases/message-case.ts'

const BEGIN_MS = 30_000
const STEP_MS = 20

/** Work that is due later than this is none that is under way. */
const SOON = "interval '10 s'"

const HAS = `select to_regclass('plinth.event_consumers') is not null as events, to_regclass('plinth.webhook_deliveries') is not null as posts`

/** Events that were not given to all reactions. */
const UNREAD = 'select count(*) from plinth.events e, plinth.event_consumers c where not pg_visible_in_snapshot(e.xid, c.seen)'
const REPEATED = `select count(*) from plinth.event_waiting w where not w.dead and (w.run_at < now() + ${SOON} or w.begun > 0)`
const UNSENT = `select count(*) from plinth.webhook_deliveries d where d.state = 'waiting' and (d.turn in ('ready', 'sending') or d.run_at < now() + ${SOON})`

/** The tables of a database do not change during a run. */
const known = new WeakMap<Connection, { readonly events: boolean; readonly posts: boolean }>()

/** What there is to do. */
export async function workState(client: Connection): Promise<WorkState> {
  const { events, posts } = await tablesOf(client)
  const parts = [...(events ? [UNREAD, REPEATED] : []), ...(posts ? [UNSENT] : [])].map((part) => `(${part})`)
  if (parts.length === 0) return { waiting: 0 }
  const { rows } = await client.query<{ waiting: number }>(`select (${parts.join(' + ')})::int as waiting`)
  return { waiting: rows[0]?.waiting ?? 0 }
}

/** Waits until the backend has noted from when on its reactions get events; for a while at most. */
export async function readsEvents(client: Connection): Promise<void> {
  if (!(await tablesOf(client)).events) return
  for (const began = performance.now(); performance.now() - began < BEGIN_MS; await wait(STEP_MS))
    if ((await client.query('select from plinth.event_consumers limit 1')).rows.length > 0) return
}

/** The attempts of messages to webhooks. */
export async function messageAttempts(client: Connection): Promise<readonly MessageAttempt[]> {
  if (!(await tablesOf(client)).posts) return []
  const { rows } = await client.query<MessageAttempt>(
    `select regexp_replace(d.endpoint, '^[^:]*:', '') as "to", (a->>'status')::int as status, coalesce(a->>'error', '') as error
      from plinth.webhook_deliveries d, jsonb_array_elements(d.attempts) a order by d.id`,
  )
  return rows
}

async function tablesOf(client: Connection): Promise<{ readonly events: boolean; readonly posts: boolean }> {
  const found = known.get(client) ??
    (await client.query<{ events: boolean; posts: boolean }>(HAS)).rows[0] ?? { events: false, posts: false }
  known.set(client, found)
  return found
}
