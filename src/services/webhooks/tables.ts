/** The tables of messages, in the schema `plinth`. They are migrated like the tables of a design. */

import type { Column, Table } from '../../model/database.ts'

/**
 * One row for each message to a receiver: what waits, and the log of what was sent. `endpoint` is a receiver, `owner` the account of a
 * subscription, `host` that of its address when the message was made. The messages about one row (`entity`, `row_id`) are sent to a
 * receiver in the order of `event`. `hold`: later ones wait for one that was given up.
 *
 * `turn` says what a waiting message waits for: `ready` for a sender, `later` for the time `run_at`, `sending` is under way until then at
 * the latest, and `behind` for an earlier message about its row. It is null for one that has ended. So the index of those that are ready
 * has one message of each row at most.
 */
const DELIVERIES: Table = {
  name: 'webhook_deliveries',
  columns: [
    { ...column('id', 'bigint'), identity: true },
    column('endpoint', 'text'),
    optional('owner', 'text'),
    column('host', 'text'),
    column('reaction', 'text'),
    column('event', 'bigint'),
    column('entity', 'text'),
    column('row_id', 'text'),
    column('type', 'text'),
    column('message', 'text'),
    column('digest', 'text'),
    column('hold', 'boolean'),
    { ...column('state', 'text'), default: "'waiting'" },
    optional('turn', 'text'),
    { ...column('attempt', 'integer'), default: '0' },
    optional('run_at', 'timestamp with time zone'),
    { ...column('added_at', 'timestamp with time zone'), default: 'now()' },
    optional('ended_at', 'timestamp with time zone'),
    { ...column('attempts', 'jsonb'), default: "'[]'" },
  ],
  constraints: [{ kind: 'primary-key', name: 'webhook_deliveries_pkey', columns: ['id'] }],
  indexes: [
    { name: 'webhook_deliveries_once_idx', method: 'btree', parts: ['event', 'reaction', 'endpoint'], unique: true, where: null },
    index('ready', ['endpoint', 'event', 'id'], "(turn = 'ready'::text)"),
    index('time', ['run_at'], '(run_at IS NOT NULL)'),
    index('row', ['endpoint', 'entity', 'row_id', 'event', 'id'], "(state = 'waiting'::text)"),
    index('held', ['endpoint', 'entity', 'row_id', 'event'], "((state = 'failed'::text) AND hold)"),
    { name: 'webhook_deliveries_log_idx', method: 'btree', parts: ['endpoint', 'id'], unique: false, where: null },
    index('ended', ['ended_at'], '(ended_at IS NOT NULL)'),
  ],
}

/** The bodies of messages. Receivers of an event that get the same share one. */
const BODIES: Table = {
  name: 'webhook_bodies',
  columns: [column('event', 'bigint'), column('reaction', 'text'), column('digest', 'text'), column('body', 'text')],
  constraints: [{ kind: 'primary-key', name: 'webhook_bodies_pkey', columns: ['event', 'reaction', 'digest'] }],
  indexes: [],
}

/** The tables of the service, for the schema `plinth`. */
export const webhookTables: readonly Table[] = [DELIVERIES, BODIES]

function index(name: string, parts: readonly string[], where: string): Table['indexes'][number] {
  return { name: `webhook_deliveries_${name}_idx`, method: 'btree', parts, unique: false, where }
}

function column(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}

function optional(name: string, type: string): Column {
  return { ...column(name, type), nullable: true }
}
