/** The columns of Plinth's own tables in which values of rows and requests are kept. */

/** How a column has its text. */
export interface KeptText {
  readonly table: string
  readonly column: string
  /** `jsonb`, JSON in a column of texts, or a text. */
  readonly form: 'jsonb' | 'json' | 'text'
}

const EVENT = ['after', 'before', 'input'] as const

/** All of them. A test compares this list with the tables of the services, so that none is forgotten. */
export const KEPT_TEXTS: readonly KeptText[] = [
  ...EVENT.map((column): KeptText => ({ table: 'events', column, form: 'jsonb' })),
  ...EVENT.map((column): KeptText => ({ table: 'event_waiting', column, form: 'jsonb' })),
  { table: 'event_waiting', column: 'error', form: 'text' },
  ...['jobs', 'dead_jobs'].flatMap((table): readonly KeptText[] => [
    { table, column: 'payload', form: 'json' },
    { table, column: 'error', form: 'text' },
  ]),
  ...['headers', 'body', 'writes'].map((column): KeptText => ({ table: 'idempotency_keys', column, form: 'json' })),
  { table: 'webhook_bodies', column: 'body', form: 'json' },
  { table: 'webhook_deliveries', column: 'attempts', form: 'jsonb' },
  { table: 'webhook_deliveries', column: 'host', form: 'text' },
  { table: 'files', column: 'name', form: 'text' },
]

/** Columns of texts that have names of the design, ids, states and hashes, and no values of persons. */
export const PLAIN_TEXTS: readonly string[] = [
  'sessions.user_id',
  'sessions.revoked_reason',
  'counters.sequence',
  'limit_uses.key',
  'counters.scope',
  ...['events', 'event_waiting'].flatMap((table) => ['entity', 'happening', 'row_id'].map((column) => `${table}.${column}`)),
  'event_consumers.name',
  'event_waiting.reaction',
  'mails.id',
  ...['jobs', 'dead_jobs'].flatMap((table) => ['kind', 'caller'].map((column) => `${table}.${column}`)),
  'jobs.unique_key',
  'jobs.chain',
  ...['name', 'cron', 'time_zone'].map((column) => `schedule_times.${column}`),
  ...['endpoint', 'owner', 'reaction', 'entity', 'row_id', 'type', 'message', 'digest', 'state', 'turn'].map(
    (column) => `webhook_deliveries.${column}`,
  ),
  'webhook_bodies.reaction',
  'webhook_bodies.digest',
  ...['target', 'state', 'owner', 'type', 'sha256'].map((column) => `files.${column}`),
  'broker_messages.subscription',
  'broker_receivers.subscription',
]
