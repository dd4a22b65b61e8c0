/** The table of mails, in the schema `plinth`. It is migrated like the tables of a design. */

import type { Column, Table } from '../../model/database.ts'

/**
 * One row for each mail, so that none is sent twice and nobody gets too many. Of the address there is a hash; of the content there is
 * nothing.
 */
const MAILS: Table = {
  name: 'mails',
  columns: [
    column('id', 'text'),
    column('recipient', 'bytea'),
    column('at', 'timestamp with time zone'),
    { ...column('held_until', 'timestamp with time zone'), nullable: true },
    column('sent', 'boolean'),
  ],
  constraints: [{ kind: 'primary-key', name: 'mails_pkey', columns: ['id'] }],
  indexes: [
    { name: 'mails_recipient_at_idx', method: 'btree', parts: ['recipient', 'at'], unique: false, where: null },
    { name: 'mails_at_idx', method: 'btree', parts: ['at'], unique: false, where: null },
  ],
}

/** The tables of the service, for the schema `plinth`. */
export const mailTables: readonly Table[] = [MAILS]

function column(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}
