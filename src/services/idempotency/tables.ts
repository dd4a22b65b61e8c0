/** Plinth's own table for idempotent writes, in the schema `plinth`. Migrated like the tables of a design. */

import type { Column, Table } from '../../model/database.ts'

/**
 * One row a write that was sent with an `Idempotency-Key`, made by the transaction of the write itself. Key, caller and address are kept as one hash, the
 * request as another that cannot be checked without the key; the answer as it was.
 */
const IDEMPOTENCY_KEYS: Table = {
  name: 'idempotency_keys',
  columns: [
    required('scope_hash', 'bytea'),
    required('request_hash', 'bytea'),
    required('status', 'integer'),
    // Text, not jsonb: an answer is repeated byte for byte.
    required('headers', 'text'),
    { ...required('body', 'text'), nullable: true },
    required('expires_at', 'timestamp with time zone'),
  ],
  constraints: [{ kind: 'primary-key', name: 'idempotency_keys_pkey', columns: ['scope_hash'] }],
  indexes: [{ name: 'idempotency_keys_expires_at_idx', method: 'btree', parts: ['expires_at'], unique: false, where: null }],
}

/** All tables of idempotency, for the schema `plinth`. */
export const idempotencyTables: readonly Table[] = [IDEMPOTENCY_KEYS]

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}
