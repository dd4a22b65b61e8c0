/** The table of deliveries, in the schema `plinth`. It is migrated like the tables of a design. */

import type { Column, Table } from '../../model/database.ts'

/**
 * One row for each message to a receiver: what waits, and the log of what was sent. `endpoint` is a receiver; the messages about one row
 * (`entity`, `row_id`) are sent to it in the order of `event`. `hold`: later ones wait for one that was given up.
 */
const DELIVERIES: Table = {
  name: 'webhook_deliveries',
  columns: [
    { ...column('id', 'bigint'), identity: true },
    column('endpoint', 'text'),
    column('reaction', 'text'),
    column('event', 'bigint'),
    column('entity', 'text'),
    column('row_id', 'text'),
    column('type', 'text'),
    column('message', 'text'),
    column('body', 'text'),
    column('hold', 'boolean'),
    { ...column('state', 'text'), default: "'waiting'" },
    { ...column('attempt', 'integer'), default: '0' },
    { ...column('run_at', 'timestamp with time zone'), default: 'now()' },
    { ...column('added_at', 'timestamp with time zone'), default: 'now()' },
    { ...column('ended_at', 'timestamp with time zone'), nullable: true },
    { ...column('attempts', 'jsonb'), default: "'[]'" },
  ],
  constraints: [{ kind: 'primary-key', name: 'webhook_deliveries_pkey', columns: ['id'] }],
  indexes: [
    { name: 'webhook_deliveries_once_idx', method: 'btree', parts: ['endpoint', 'reaction', 'event'], unique: true, where: null },
    {
      name: 'webhook_deliveries_due_idx',
      method: 'btree',
      parts: ['endpoint', 'run_at'],
      unique: false,
      where: "(state = 'waiting'::text)",
    },
    {
      name: 'webhook_deliveries_row_idx',
      method: 'btree',
      parts: ['endpoint', 'entity', 'row_id', 'event'],
      unique: false,
      where: "(state <> 'sent'::text)",
    },
    { name: 'webhook_deliveries_ended_idx', method: 'btree', parts: ['ended_at'], unique: false, where: null },
  ],
}

/** The tables of the service, for the schema `plinth`. */
export const webhookTables: readonly Table[] = [DELIVERIES]

function column(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}
