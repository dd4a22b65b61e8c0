/** The queue of messages of a test, without a sender: messages are added and taken by the test. */

import { type Executor, openExecutor } from '../../src/postgres/executor/execute.ts'
import { ENGINE_SETTINGS } from '../../src/server/run/engine-settings.ts'
import type { MessageAbout } from '../../src/services/webhooks/deliveries.ts'
import { type Ends, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'

const MODEL = modelFrom({
  name: 'notes',
  entities: {
    Note: { fields: { text: { type: 'text' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
  },
  on: { 'Note.updated': [{ webhook: 'crm' }] },
  integrations: { webhooks: { crm: { url: 'CRM_URL', secret: 'CRM_SECRET' } } },
})

/** What a test says of an event whose messages it adds. */
export function aboutEvent(event: number, rowId = '1'): MessageAbout {
  const common = { reaction: 'r', entity: 'Note', type: 'Note.updated', hold: false, again: false }
  return { ...common, event: String(event), rowId, message: `evt_${event}` }
}

/** A receiver of a message, with the body. */
export function addressed(endpoint: string, body = '{}') {
  return { endpoint, owner: null, host: '', body }
}

/** A database with the table of messages, and a connection as the sender has it. */
export async function testQueue(t: Ends): Promise<Pick<TestBackend, 'sql' | 'databaseUrl'> & Pick<Executor, 'run' | 'transaction'>> {
  const { sql, databaseUrl } = await testBackend(t, MODEL, { work: 'elsewhere' })
  const { run, transaction, close } = openExecutor({
    url: databaseUrl,
    connections: 1,
    statementTimeoutMs: 60_000,
    patience: PATIENCE,
    merge: false,
    settings: ENGINE_SETTINGS,
  })
  t.after(close)
  return { sql, databaseUrl, run, transaction }
}

/** How many messages wait. */
export interface WaitingMessages {
  readonly receivers?: number
  /** Of each receiver. */
  readonly rows?: number
  /** About each row. */
  readonly each: number
  readonly turn?: 'ready' | 'later'
  readonly reaction?: string
}

/**
 * Adds messages that wait, as `addDeliveries` would: of each receiver so many about each row. The first one of each order is `turn`, the
 * others are behind. Numbers of events begin with 1 in each order.
 */
export async function addWaiting(
  sql: TestBackend['sql'],
  { receivers = 1, rows = 1, each, turn = 'ready', reaction = 'w' }: WaitingMessages,
): Promise<void> {
  await sql(
    `insert into plinth.webhook_deliveries (endpoint, host, reaction, event, entity, row_id, type, message, digest, hold, turn, run_at)
      select 'r' || lpad(e::text, 6, '0'), '', $5, (e * 1000000000::bigint + r * 1000000::bigint + n), 'Note', r::text, 'Note.updated', 'evt', 'd', false,
        case when n = 1 then $4 else 'behind' end, case when n = 1 and $4 = 'later' then now() + interval '1 day' end
      from generate_series(1, $1::int) e, generate_series(1, $2::int) r, generate_series(1, $3::int) n`,
    [receivers, rows, each, turn, reaction],
  )
  await sql(`insert into plinth.webhook_bodies select event, reaction, digest, '{}' from plinth.webhook_deliveries on conflict do nothing`)
  await sql('analyze plinth.webhook_deliveries')
}
