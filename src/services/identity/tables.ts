/** The tables of sign-in, in the schema `plinth`. They are migrated like the tables of a design. */

import type { Column, Table } from '../../model/database.ts'

/**
 * One row for each session, with the hashes of its current and previous refresh token, never a token. It has no foreign key to the user,
 * because the user's table belongs to the design. A session without its user is not valid.
 */
const SESSIONS: Table = {
  name: 'sessions',
  columns: [
    required('id', 'uuid'),
    // Text, because the id of an identity entity may be a UUID, a number or a text.
    required('user_id', 'text'),
    required('generation', 'integer'),
    required('current_hash', 'bytea'),
    nullable('previous_hash', 'bytea'),
    required('created_at', 'timestamp with time zone'),
    required('last_used_at', 'timestamp with time zone'),
    nullable('rotated_at', 'timestamp with time zone'),
    // The generation whose previous token was used once more after the grace period.
    nullable('late_generation', 'integer'),
    required('idle_expires_at', 'timestamp with time zone'),
    required('absolute_expires_at', 'timestamp with time zone'),
    nullable('revoked_at', 'timestamp with time zone'),
    nullable('revoked_reason', 'text'),
  ],
  constraints: [{ kind: 'primary-key', name: 'sessions_pkey', columns: ['id'] }],
  indexes: [
    { name: 'sessions_user_id_idx', method: 'btree', parts: ['user_id'], unique: false, where: null },
    { name: 'sessions_idle_expires_at_idx', method: 'btree', parts: ['idle_expires_at'], unique: false, where: null },
  ],
}

/**
 * One row for each login with recent failed attempts, even if no such account exists. The key is a keyed hash, so the row does not reveal
 * the login. Attempts count until the window ends. When no attempts are left, the login is locked until the window ends.
 */
const LOGIN_ATTEMPTS: Table = {
  name: 'login_attempts',
  columns: [required('login_hash', 'bytea'), required('attempts', 'integer'), required('window_ends_at', 'timestamp with time zone')],
  constraints: [{ kind: 'primary-key', name: 'login_attempts_pkey', columns: ['login_hash'] }],
  indexes: [{ name: 'login_attempts_window_ends_at_idx', method: 'btree', parts: ['window_ends_at'], unique: false, where: null }],
}

/** The tables of the service, for the schema `plinth`. */
export const identityTables: readonly Table[] = [SESSIONS, LOGIN_ATTEMPTS]

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}

function nullable(name: string, type: string): Column {
  return { ...required(name, type), nullable: true }
}
