/** Signs in with login and password. Every refusal has the same answer, so it does not reveal whether the account exists or is locked. */

import { createHmac } from 'node:crypto'
import { failure } from '../../../base/failure.ts'
import { slot, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { isStorable, readEmail } from '../../../base/text-values.ts'
import { type Model, storedScalar } from '../../../model/model.ts'
import type { Client } from '../../../postgres/executor/client.ts'
import type { Passwords, Verdict } from '../passwords/passwords.ts'
import { identityRow, isUser } from '../sessions/identity-row.ts'
import { type OpenSession, openSession, type SessionDeps } from '../sessions/sessions.ts'
import { type Attempt, type AttemptDeps, claimAttempt, giveBack, type Login, MAX_ATTEMPTS } from './login-attempts.ts'
import type { IdentityObservation } from './observation.ts'
import type { QueueByKey } from './queue-by-key.ts'

/** What signing in needs. */
export interface LoginDeps {
  readonly attempts: AttemptDeps
  readonly sessions: SessionDeps
  readonly rehash: Statement
  readonly passwords: Passwords
  /** Runs one attempt at a time for each login. */
  readonly queueByLogin: QueueByKey
  readonly readLogin: (login: string) => Login
  readonly observe: (observation: IdentityObservation) => void
}

/** The login and the password of a sign-in. */
export interface Credentials {
  readonly login: string
  readonly password: string
  /** The client that sends them; absent for work of the server itself. */
  readonly client: Client | undefined
}

/**
 * Checks a password and begins a session.
 *
 * @throws Failure invalid_credentials for a wrong password, an unknown login and a login without attempts left; overloaded; client_gone.
 */
export function login(deps: LoginDeps, { login: given, password, client }: Credentials): Promise<OpenSession> {
  const login = deps.readLogin(given)
  return deps.queueByLogin(login.hash.toString('base64'), async () => {
    if (client?.gone() === true) throw failure('client_gone', {})
    // Tries a second time when the stored hash changes during the check, for example because another instance hashes the password again.
    const session = (await tryLogin(deps, login, { password, client })) ?? (await tryLogin(deps, login, { password, client }))
    if (session === null) throw failure('invalid_credentials', {}, 'the account keeps changing')
    return session
  })
}

/** Makes one attempt; null when the password was right but its stored hash has changed during the check. */
async function tryLogin(deps: LoginDeps, login: Login, { password, client }: Omit<Credentials, 'login'>): Promise<OpenSession | null> {
  const attempt = await claimAttempt(deps.attempts, login)
  if (attempt === null) throw failure('invalid_credentials', {}, 'no attempts left')
  const verdict = await verify(deps, { login, attempt, password, client })
  const account = attempt.account
  if (account === null || account.password === null || verdict !== 'right') throw wrong(deps, attempt, verdict)
  const seenPassword = await rehashIfDue(deps, { userId: account.userId, password, stored: account.password })
  return openSession(deps.sessions, account.userId, { seenPassword, loginHash: login.hash })
}

/**
 * Makes the statement that replaces a stored hash, if it is still the one that was verified. Slots: user_id, seen_password, password.
 *
 * @throws Error for a model without an identity.
 */
export function rehashStatement(model: Model): Statement {
  const u = identityRow(model)
  return {
    name: 'login.rehash',
    sql: sql`update ${u.table} set ${u.password} = ${slot('password', 'text')}
      where ${isUser(u)} and u.${u.password} = ${slot('seen_password', 'text')} returning 1`,
  }
}

/** Makes the statement that reads the login of a user. Slot: user_id. @throws Error for a model without an identity. */
export function loginStatement(model: Model): Statement {
  const u = identityRow(model)
  return { name: 'login.of', sql: sql`select ${u.loginColumn} from ${u.table} where ${isUser(u)}` }
}

/**
 * Returns a function that reads a login in the form that the model stores. The hash is keyed with `secret`: users sometimes type a password
 * as their login, and an attacker could guess the password from its plain hash.
 */
export function loginReader(model: Model, secret: Buffer): (login: string) => Login {
  const isEmail = storedScalar(identityRow(model).login.type) === 'email'
  return (given) => {
    const stored = isEmail ? readEmail(given.trim()) : isStorable(given) ? given : undefined
    const text = stored ?? given
    return { hash: createHmac('sha256', secret).update(text).digest(), stored: stored ?? null }
  }
}

interface LoginTry {
  readonly login: Login
  readonly attempt: Attempt
  readonly password: string
  readonly client: Client | undefined
}

async function verify(deps: LoginDeps, { login, attempt, password, client }: LoginTry): Promise<Verdict> {
  try {
    return await deps.passwords.verify(password, attempt.account?.password ?? null, client)
  } catch (error) {
    // The server is too busy to check the password; that must not count as a failed attempt.
    await giveBack(deps.attempts, login)
    throw error
  }
}

function wrong(deps: LoginDeps, attempt: Attempt, verdict: Verdict): Error {
  const userId = attempt.account?.userId ?? null
  if (verdict === 'unreadable' && userId !== null) deps.observe({ kind: 'password-unreadable', userId })
  if (attempt.number >= MAX_ATTEMPTS) deps.observe({ kind: 'login-locked', userId })
  return failure('invalid_credentials', {}, userId === null ? 'no such account' : 'wrong password')
}

interface Verified {
  readonly userId: string
  readonly password: string
  readonly stored: string
}

/** Returns the stored hash. If it costs less than new hashes, replaces it first. */
async function rehashIfDue(deps: LoginDeps, { userId, password, stored }: Verified): Promise<string> {
  if (!deps.passwords.needsRehash(stored)) return stored
  const fresh = await deps.passwords.hash(password)
  const rows = await deps.sessions.run(deps.rehash, { user_id: userId, password: fresh, seen_password: stored })
  if (rows.length === 0) return stored
  deps.observe({ kind: 'password-rehashed', userId })
  return fresh
}
