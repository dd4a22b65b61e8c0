/**
 * Limits the attempts for a login. One statement counts an attempt before its password is checked, so that concurrent attempts on any
 * number of instances cannot exceed the limit. Attempts count in the same way whether the account exists or not.
 */

import { ident, slot, sql } from '../../../base/sql/sql.ts'
import type { Run, Statement } from '../../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../../model/database.ts'
import type { Model } from '../../../model/model.ts'
import { bytea, timestampText } from '../../postgres-text.ts'
import { identityRow } from '../sessions/identity-row.ts'

/** Ten attempts in 15 minutes. After the tenth attempt, the login is locked for 15 minutes. */
export const MAX_ATTEMPTS = 10
const WINDOW_MS = 15 * 60_000
const LOCK_MS = 15 * 60_000

const ATTEMPTS = ident(SYSTEM_SCHEMA, 'login_attempts')
const LOGIN_HASH = slot('login_hash', 'bytea')

/** What counting attempts needs. */
export interface AttemptDeps {
  readonly run: Run
  readonly statements: AttemptStatements
  readonly now: () => number
}

/** The statements about attempts. */
export interface AttemptStatements {
  /** Slots: login_hash, login, now, most, window_end, lock_end. Row: attempts, user id, password hash; no row when no attempts are left. */
  readonly claim: Statement
  /** Slots: login_hash. */
  readonly giveBack: Statement
}

/** Makes the statements for a model's identity. @throws Error for a model without one. */
export function attemptStatements(model: Model): AttemptStatements {
  const u = identityRow(model)
  const now = slot('now', 'timestamptz')
  const most = slot('most', 'integer')
  const windowEnd = slot('window_end', 'timestamptz')
  const over = sql`a.window_ends_at <= ${now}`
  const attempt = sql`insert into ${ATTEMPTS} as a (login_hash, attempts, window_ends_at) values (${LOGIN_HASH}, 1, ${windowEnd})
    on conflict (login_hash) do update set
      attempts = case when ${over} then 1 else a.attempts + 1 end,
      window_ends_at = case when ${over} then ${windowEnd}
        when a.attempts + 1 = ${most} then ${slot('lock_end', 'timestamptz')} else a.window_ends_at end
    where ${over} or a.attempts < ${most}
    returning attempts`
  return {
    claim: {
      name: 'login.claim',
      sql: sql`with attempt as (${attempt}) select attempt.attempts, ${u.id}::text, u.${u.password} from attempt
        left join ${u.table} on ${u.loginColumn} = ${slot('login', 'text')} and ${u.live} limit 1`,
    },
    giveBack: {
      name: 'login.give-back',
      sql: sql`update ${ATTEMPTS} set attempts = attempts - 1 where login_hash = ${LOGIN_HASH} and attempts > 0`,
    },
  }
}

/** A counted attempt. */
export interface Attempt {
  /** The number of attempts in this window, including this attempt. */
  readonly number: number
  /** Null when there is no such account. */
  readonly account: { readonly userId: string; readonly password: string | null } | null
}

/** The login that the client sent. */
export interface Login {
  readonly hash: Buffer
  /** The value as stored in the column; null for a text that no column can hold. */
  readonly stored: string | null
}

/** Counts an attempt and reads the account, in one statement; null when no attempt is left. */
export async function claimAttempt(deps: AttemptDeps, login: Login): Promise<Attempt | null> {
  const now = deps.now()
  const [row] = await deps.run(deps.statements.claim, {
    login_hash: bytea(login.hash),
    login: login.stored,
    now: timestampText(now),
    most: MAX_ATTEMPTS,
    window_end: timestampText(now + WINDOW_MS),
    lock_end: timestampText(now + LOCK_MS),
  })
  if (row === undefined) return null
  const [number, userId, password] = row
  return { number: Number(number), account: typeof userId === 'string' ? { userId, password: password ?? null } : null }
}

/** Takes back the count of an attempt whose password was not checked. */
export async function giveBack(deps: AttemptDeps, login: Login): Promise<void> {
  await deps.run(deps.statements.giveBack, { login_hash: bytea(login.hash) })
}
