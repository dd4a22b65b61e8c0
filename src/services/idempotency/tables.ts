/** The table of idempotent writes, in the schema `plinth`. It is migrated like the tables of a design. */

import type { Column, Table } from '../../model/database.ts'

/**
 * One row for each write with an `Idempotency-Key`, inserted by the transaction of the write. Key, caller, method and address are stored as
 * one hash, the request as another hash that cannot be checked without the key. Of the answer, status and headers are stored, and the ids
 * of the rows that it showed instead of their content.
 */
const IDEMPOTENCY_KEYS: Table = {
  name: 'idempotency_keys',
  columns: [
    required('scope_hash', 'bytea'),
    required('request_hash', 'bytea'),
    required('status', 'integer'),
    required('headers', 'text'),
    { ...required('body', 'text'), nullable: true },
    { ...required('writes', 'text'), nullable: true },
    required('expires_at', 'timestamp with time zone'),
  ],
  constraints: [{ kind: 'primary-key', name: 'idempotency_keys_pkey', columns: ['scope_hash'] }],
  indexes: [{ name: 'idempotency_keys_expires_at_idx', method: 'btree', parts: ['expires_at'], unique: false, where: null }],
}

/** The tables of the service, for the schema `plinth`. */
export const idempotencyTables: readonly Table[] = [IDEMPOTENCY_KEYS]

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}
