/** Sessions: begun, carried on with rotating refresh tokens, and ended. Functions over the statements of session-statements.ts; outcomes are data. */

import { randomUUID } from 'node:crypto'
import type { Run, Values } from '../../../base/sql/statement.ts'
import { readUser, type SignedInUser } from './identity-row.ts'
import { bytea, timestampText } from './postgres-text.ts'
import { firstToken, isGenuine, parseRefreshToken, type RefreshToken, successor } from './refresh-token.ts'
import type { SessionStatements } from './session-statements.ts'

const DAY_MS = 86_400_000
/** A session ends when it is not used for this long, and in any case this long after it began. */
const IDLE_MS = 30 * DAY_MS
const ABSOLUTE_MS = 90 * DAY_MS
/** How long the token before the current one may come back as often as it likes: parallel requests and retries. */
const GRACE_MS = 10_000

export interface SessionDeps {
  readonly run: Run
  readonly statements: SessionStatements
  /** Secrets of refresh tokens, the one for new tokens first. */
  readonly secrets: readonly [Buffer, ...Buffer[]]
  readonly now: () => number
}

export interface OpenSession extends SignedInUser {
  readonly sessionId: string
  readonly refreshToken: string
}

/** What a login has proved, to be held against the row again when the session is written. */
export interface LoginProof {
  readonly seenPassword: string
  readonly loginHash: Buffer
}

/** Begins a session; null when the user is not there (any more), or with a proof when the password that was verified is no longer his. */
export async function openSession(deps: SessionDeps, userId: string, proof: LoginProof | null): Promise<OpenSession | null> {
  const sessionId = randomUUID()
  const token = firstToken(sessionId, deps.secrets[0])
  const now = deps.now()
  const values: Values = {
    session: sessionId,
    user_id: userId,
    hash: bytea(token.hash),
    now: timestampText(now),
    idle_until: timestampText(now + IDLE_MS),
    absolute_until: timestampText(now + ABSOLUTE_MS),
  }
  const [row] =
    proof === null
      ? await deps.run(deps.statements.open, values)
      : await deps.run(deps.statements.openAfterLogin, {
          ...values,
          seen_password: proof.seenPassword,
          login_hash: bytea(proof.loginHash),
        })
  const user = userIn(row?.[0], row?.[1], sessionId)
  return user === null ? null : { ...user, sessionId, refreshToken: token.text }
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly session: OpenSession }
  /** A token from before the last rotation, or the last one too often: the session has been ended by this very call. */
  | { readonly kind: 'reused'; readonly sessionId: string; readonly userId: string; readonly generationsBehind: number }
  | { readonly kind: 'refused'; readonly why: string }

/** Exchanges a refresh token for its one successor. All who show the same token at once, on any instance, get the same successor. */
export async function rotate(deps: SessionDeps, text: string): Promise<Rotation> {
  const token = parseRefreshToken(text)
  if (token === null) return { kind: 'refused', why: 'not a refresh token' }
  const { sessionId } = token
  const successors = deps.secrets.map((secret) => successor(token, secret))
  const now = deps.now()
  const [row] = await deps.run(deps.statements.rotate, {
    session: sessionId,
    hash: bytea(token.hash),
    next_hash: bytea((successors[0] as RefreshToken).hash),
    generation: token.generation,
    genuine: isGenuine(token, deps.secrets),
    grace_start: timestampText(now - GRACE_MS),
    now: timestampText(now),
    idle_until: timestampText(now + IDLE_MS),
  })
  const [userId, generation, currentHash, revoked, claims] = row ?? []
  if (userId === undefined || userId === null) return { kind: 'refused', why: 'no session that stands and knows this token' }
  if (revoked !== null) return { kind: 'reused', sessionId, userId, generationsBehind: Number(generation) - token.generation }
  // After a change of keys the successor may be one that an older secret gave.
  const next = successors.find((candidate) => candidate.hash.toString('hex') === currentHash)
  if (next === undefined) return { kind: 'refused', why: 'the successor was given by a key that is not here' }
  const user = userIn(userId, claims, sessionId)
  if (user === null) return { kind: 'refused', why: 'the user is gone' }
  return { kind: 'rotated', session: { ...user, sessionId, refreshToken: next.text } }
}

/** The user of a session with his claims of now; null when the session is over or the user is gone. */
export async function currentState(deps: Pick<SessionDeps, 'run' | 'statements' | 'now'>, sessionId: string): Promise<SignedInUser | null> {
  const [row] = await deps.run(deps.statements.state, { session: sessionId, now: timestampText(deps.now()) })
  return userIn(row?.[0], row?.[1], sessionId)
}

/** Ends a session; returns its id, whether it stood or not. */
export async function revokeSession(deps: SessionDeps, sessionId: string, reason: string): Promise<string> {
  await deps.run(deps.statements.revoke, { session: sessionId, reason, now: timestampText(deps.now()) })
  return sessionId
}

/** Ends the session of a refresh token, an old one too; returns its id, or null when that is no token of a session that stood. */
export async function revokeByToken(deps: SessionDeps, text: string, reason: string): Promise<string | null> {
  const token = parseRefreshToken(text)
  if (token === null) return null
  const [row] = await deps.run(deps.statements.revokeByToken, {
    session: token.sessionId,
    hash: bytea(token.hash),
    genuine: isGenuine(token, deps.secrets),
    reason,
    now: timestampText(deps.now()),
  })
  return row?.[0] ?? null
}

/** Ends all sessions of a user but one; returns the ids of those that ended. */
export async function revokeSessionsOf(
  deps: SessionDeps,
  userId: string,
  but: { readonly keep: string | null; readonly reason: string },
): Promise<readonly string[]> {
  const rows = await deps.run(deps.statements.revokeUser, {
    user_id: userId,
    keep: but.keep,
    reason: but.reason,
    now: timestampText(deps.now()),
  })
  return rows.flatMap(([id]) => (id === undefined || id === null ? [] : [id]))
}

/** A session as its owner may see it. Times in ISO 8601. */
export interface SessionInfo {
  readonly id: string
  readonly createdAt: string
  readonly lastUsedAt: string
  readonly expiresAt: string
}

/** The sessions of a user that stand, the one used last first; a hundred at most. */
export async function listSessions(deps: SessionDeps, userId: string): Promise<readonly SessionInfo[]> {
  const rows = await deps.run(deps.statements.list, { user_id: userId, now: timestampText(deps.now()) })
  return rows.map(([id, createdAt, lastUsedAt, expiresAt]) => ({
    id: id ?? '',
    createdAt: createdAt ?? '',
    lastUsedAt: lastUsedAt ?? '',
    expiresAt: expiresAt ?? '',
  }))
}

function userIn(userId: string | null | undefined, claims: string | null | undefined, sessionId: string): SignedInUser | null {
  return typeof userId === 'string' && typeof claims === 'string' ? readUser(userId, claims, sessionId) : null
}
