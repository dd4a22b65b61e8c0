/** The table of limits, in the schema `plinth`. It is migrated like the tables of a design. */

import type { Table } from '../../model/database.ts'

/** One row for each key that was counted lately. Keys are hashes, so that the table has no addresses and accounts. */
const LIMIT_USES: Table = {
  name: 'limit_uses',
  columns: [
    { name: 'key', type: 'text', nullable: false, default: null, generated: null, identity: false },
    { name: 'used', type: 'bigint', nullable: false, default: null, generated: null, identity: false },
    { name: 'ends_at', type: 'timestamp with time zone', nullable: false, default: null, generated: null, identity: false },
  ],
  constraints: [{ kind: 'primary-key', name: 'limit_uses_pkey', columns: ['key'] }],
  indexes: [{ name: 'limit_uses_ends_at_idx', method: 'btree', parts: ['ends_at'], unique: false, where: null }],
}

/** The tables of the service, for the schema `plinth`. */
export const limitsTables: readonly Table[] = [LIMIT_USES]
