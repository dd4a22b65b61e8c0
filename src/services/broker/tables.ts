/** The tables of received messages, in the schema `plinth`. They are migrated like the tables of a design. */

import type { Column, Table } from '../../model/database.ts'

/** One row for each message that became a job, by a hash of its source and its id. It is inserted together with the job. */
const MESSAGES: Table = {
  name: 'broker_messages',
  columns: [
    required('subscription', 'text'),
    required('key', 'bytea'),
    { ...required('received_at', 'timestamp with time zone'), default: 'now()' },
  ],
  constraints: [{ kind: 'primary-key', name: 'broker_messages_pkey', columns: ['subscription', 'key'] }],
  indexes: [{ name: 'broker_messages_received_at_idx', method: 'btree', parts: ['received_at'], unique: false, where: null }],
}

/** Which process receives a subscription: one at a time, so that messages keep their order. */
const RECEIVERS: Table = {
  name: 'broker_receivers',
  columns: [required('subscription', 'text'), required('holder', 'uuid'), required('held_until', 'timestamp with time zone')],
  constraints: [{ kind: 'primary-key', name: 'broker_receivers_pkey', columns: ['subscription'] }],
  indexes: [],
}

/** The tables of the service, for the schema `plinth`. */
export const brokerTables: readonly Table[] = [MESSAGES, RECEIVERS]

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}
