/**
 * The statements for sessions. Each is one SQL statement that reads and writes, so it takes effect completely or not at all. Concurrent
 * statements on one row run one after the other, and each checks the row that the previous one has written (Read Committed re-evaluates an
 * UPDATE).
 */

import { empty, ident, replaceSlots, type Sql, slot, sql, typeName } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../../model/database.ts'
import type { Model } from '../../../model/model.ts'
import { identityRow, isUser } from './identity-row.ts'

const SESSIONS = ident(SYSTEM_SCHEMA, 'sessions')
const ATTEMPTS = ident(SYSTEM_SCHEMA, 'login_attempts')

const NOW = slot('now', 'timestamptz')
const SESSION = slot('session', 'uuid')
const HASH = slot('hash', 'bytea')
const IDLE_UNTIL = slot('idle_until', 'timestamptz')
const ABSOLUTE_UNTIL = slot('absolute_until', 'timestamptz')

/** Whether a session is valid. The idle expiry is never later than the absolute one, so only the idle one is checked. */
const IS_VALID = sql`s.revoked_at is null and s.idle_expires_at > ${NOW}`

/** The statements, with their slots and rows. */
export interface SessionStatements {
  /** Slots: session, user_id, hash, now, idle_until, absolute_until. Row: user id, claims; no row when there is no such user. */
  readonly open: Statement
  /**
   * Slots: those of `open`, seen_password, login_hash. Like `open`, but only if the verified password is still stored; also deletes failed
   * attempts.
   */
  readonly openAfterLogin: Statement
  /** Slots: session, hash, next_hash, generation, genuine, grace_start, now, idle_until. Row: see `rotate` in sessions.ts. */
  readonly rotate: Statement
  /** Slots: session, now. Row: user id, claims; no row when the session has ended or the user does not exist. */
  readonly state: Statement
  /** Slots: session, reason, now. */
  readonly revoke: Statement
  /** Slots: session, hash, genuine, reason, now. Ends the session only if the token belongs to it. */
  readonly revokeByToken: Statement
  /** Slots: user_id, keep, reason, now. One row for each ended session: its id. */
  readonly revokeUser: Statement
}

/** Makes the statements for a model's identity. @throws Error for a model without one. */
export function sessionStatements(model: Model): SessionStatements {
  return {
    open: { name: 'session.open', sql: openSql(model, { guard: empty, also: empty }) },
    openAfterLogin: { name: 'session.open-after-login', sql: openSql(model, afterLogin(model)) },
    rotate: { name: 'session.rotate', sql: rotateSql(model) },
    state: { name: 'session.state', sql: stateSql(model), merge: 'lateral' },
    revoke: { name: 'session.revoke', sql: revokeSql(sql`s.id = ${SESSION}`) },
    revokeByToken: {
      name: 'session.revoke-by-token',
      sql: revokeSql(sql`s.id = ${SESSION} and (s.current_hash = ${HASH} or s.previous_hash = ${HASH} or ${slot('genuine', 'boolean')})`),
    },
    revokeUser: {
      name: 'session.revoke-user',
      sql: revokeSql(sql`s.user_id = ${slot('user_id', 'text')} and s.id is distinct from ${slot('keep', 'uuid')}`),
    },
  }
}

/**
 * The statement `open` for an account whose id is an expression; its other slots are those of `open`. @throws Error for a model without an
 * identity.
 */
export function openingOf(model: Model): (userId: Sql) => Sql {
  return (userId) => replaceSlots(openSql(model, { guard: empty, also: empty }), ({ key }) => (key === 'user_id' ? sql`(${userId})` : null))
}

interface Opening {
  /** An additional condition on the user, with a lock that keeps it true. */
  readonly guard: Sql
  /** An additional statement that runs if the user matches. */
  readonly also: Sql
}

function afterLogin(model: Model): Opening {
  const { password } = identityRow(model)
  return {
    // Locks the user. A concurrent change of the password then either makes this login fail, or sees the new session and ends it.
    guard: sql` and u.${password} = ${slot('seen_password', 'text')} for share of u`,
    also: sql`, cleared as (delete from ${ATTEMPTS} a using who where a.login_hash = ${slot('login_hash', 'bytea')})`,
  }
}

function openSql(model: Model, { guard, also }: Opening): Sql {
  const u = identityRow(model)
  const who = sql`select ${u.id}::text as user_id, ${u.claims} as claims from ${u.table} where ${isUser(u)}${guard}`
  const columns = sql`id, user_id, generation, current_hash, created_at, last_used_at, idle_expires_at, absolute_expires_at`
  const values = sql`${SESSION}, who.user_id, 0, ${HASH}, ${NOW}, ${NOW}, least(${IDLE_UNTIL}, ${ABSOLUTE_UNTIL}), ${ABSOLUTE_UNTIL}`
  return sql`with who as (${who}), opened as (insert into ${SESSIONS} (${columns}) select ${values} from who)${also}
    select who.user_id, who.claims from who`
}

/**
 * Rotates the refresh token. The current token is replaced by its successor. The previous token (after a lost answer or a race) gets the
 * same successor again: within the grace period any number of times, later only once and not for two generations in a row. Any other issued
 * token ends the session.
 */
function rotateSql(model: Model): Sql {
  const u = identityRow(model)
  const current = sql`s.current_hash = ${HASH}`
  const inGrace = sql`s.rotated_at >= ${slot('grace_start', 'timestamptz')}`
  const previous = sql`(s.previous_hash = ${HASH}) is true`
  const tolerated = sql`(${inGrace} or s.late_generation is distinct from s.generation - 1)`
  const older = sql`(${slot('genuine', 'boolean')} and ${slot('generation', 'integer')} < s.generation)`
  const reused = sql`not (${current} or (${previous} and ${tolerated}))`
  const turned = sql`update ${SESSIONS} s set
    previous_hash = case when ${current} then s.current_hash else s.previous_hash end,
    current_hash = case when ${current} then ${slot('next_hash', 'bytea')} else s.current_hash end,
    generation = case when ${current} then s.generation + 1 else s.generation end,
    rotated_at = case when ${current} then ${NOW} else s.rotated_at end,
    idle_expires_at = case when ${current} then least(${IDLE_UNTIL}, s.absolute_expires_at) else s.idle_expires_at end,
    late_generation = case when ${previous} and not ${inGrace} then s.generation else s.late_generation end,
    last_used_at = greatest(s.last_used_at, ${NOW}),
    revoked_at = case when ${reused} then ${NOW} else s.revoked_at end,
    revoked_reason = case when ${reused} then 'refresh-reused' else s.revoked_reason end
    where s.id = ${SESSION} and ${IS_VALID} and (${current} or ${previous} or ${older})
    returning s.user_id, s.generation, s.current_hash, s.revoked_reason`
  return sql`with turned as (${turned}) select t.user_id, t.generation, encode(t.current_hash, 'hex'), t.revoked_reason, ${u.claims}
    from turned t left join ${u.table} on ${u.id} = t.user_id::${typeName(u.idType)} and ${u.live}`
}

function stateSql(model: Model): Sql {
  const u = identityRow(model)
  return sql`select s.user_id, ${u.claims} from ${SESSIONS} s
    join ${u.table} on ${u.id} = s.user_id::${typeName(u.idType)} and ${u.live} where s.id = ${SESSION} and ${IS_VALID}`
}

function revokeSql(which: Sql): Sql {
  return sql`update ${SESSIONS} s set revoked_at = ${NOW}, revoked_reason = ${slot('reason', 'text')}
    where ${which} and s.revoked_at is null returning s.id::text`
}
