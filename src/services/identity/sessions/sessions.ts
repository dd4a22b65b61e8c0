/**
 * Begins sessions, continues them with rotating refresh tokens, and ends them, with the statements of session-statements.ts. Outcomes are
 * data.
 */

import { randomUUID } from 'node:crypto'
import type { Row, Run, Values } from '../../../base/sql/statement.ts'
import { bytea, timestampText } from '../../postgres-text.ts'
import { readUser, type SignedInUser } from './identity-row.ts'
import { firstToken, isGenuine, parseRefreshToken, type RefreshToken, successor } from './refresh-token.ts'
import type { SessionStatements } from './session-statements.ts'

const DAY_MS = 86_400_000
/** A session ends after 30 days without use, and at the latest 90 days after it began. */
const IDLE_MS = 30 * DAY_MS
const ABSOLUTE_MS = 90 * DAY_MS
/** Milliseconds in which the previous token may be used any number of times, for parallel requests and retries. */
const GRACE_MS = 10_000

/** What sessions need; `now`: milliseconds since 1970. */
export interface SessionDeps {
  readonly run: Run
  readonly statements: SessionStatements
  /** Secrets of refresh tokens. New tokens use the first. */
  readonly secrets: readonly [Buffer, ...Buffer[]]
  readonly now: () => number
}

/** A session that has begun or was refreshed. */
export interface OpenSession extends SignedInUser {
  readonly sessionId: string
  readonly refreshToken: string
}

/** The password hash that a login verified. It is compared again when the session is written. */
export interface LoginProof {
  readonly seenPassword: string
  readonly loginHash: Buffer
}

/** A session that has an id and a token, and is not written yet. */
export interface NewSession {
  /** The values of the statement `open`, without `user_id`. */
  readonly values: Values
  /** The session that the statement has written; null when it returned no row. */
  readonly opened: (row: Row | undefined) => OpenSession | null
}

/** Makes the values of a new session. */
export function newSession(deps: Pick<SessionDeps, 'secrets' | 'now'>): NewSession {
  const sessionId = randomUUID()
  const token = firstToken(sessionId, deps.secrets[0])
  const now = deps.now()
  const values: Values = {
    session: sessionId,
    hash: bytea(token.hash),
    now: timestampText(now),
    idle_until: timestampText(now + IDLE_MS),
    absolute_until: timestampText(now + ABSOLUTE_MS),
  }
  const opened = (row: Row | undefined): OpenSession | null => {
    const user = userIn(row?.[0], row?.[1], sessionId)
    return user === null ? null : { ...user, sessionId, refreshToken: token.text }
  }
  return { values, opened }
}

/** Begins a session; null when the user does not exist, or when the password of the proof has changed. */
export async function openSession(deps: SessionDeps, userId: string, proof: LoginProof | null): Promise<OpenSession | null> {
  const { values: own, opened } = newSession(deps)
  const values: Values = { ...own, user_id: userId }
  const [row] =
    proof === null
      ? await deps.run(deps.statements.open, values)
      : await deps.run(deps.statements.openAfterLogin, {
          ...values,
          seen_password: proof.seenPassword,
          login_hash: bytea(proof.loginHash),
        })
  return opened(row)
}

/** The outcome of `rotate`. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly session: OpenSession }
  /** An older token, or the previous token used too often. This call has ended the session. */
  | { readonly kind: 'reused'; readonly sessionId: string; readonly userId: string; readonly generationsBehind: number }
  | { readonly kind: 'refused'; readonly why: string }

/** Exchanges a refresh token for its successor. Concurrent requests with the same token, on any instance, get the same successor. */
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
  if (userId === undefined || userId === null) return { kind: 'refused', why: 'no valid session has this token' }
  if (revoked !== null) return { kind: 'reused', sessionId, userId, generationsBehind: Number(generation) - token.generation }
  // After a change of keys, the successor may come from an older secret.
  const next = successors.find((candidate) => candidate.hash.toString('hex') === currentHash)
  if (next === undefined) return { kind: 'refused', why: 'the successor comes from a key that is not configured' }
  const user = userIn(userId, claims, sessionId)
  if (user === null) return { kind: 'refused', why: 'the user does not exist' }
  return { kind: 'rotated', session: { ...user, sessionId, refreshToken: next.text } }
}

/** Reads the user of a session with the current claims; null when the session has ended or the user does not exist. */
export async function currentState(deps: Pick<SessionDeps, 'run' | 'statements' | 'now'>, sessionId: string): Promise<SignedInUser | null> {
  const [row] = await deps.run(deps.statements.state, { session: sessionId, now: timestampText(deps.now()) })
  return userIn(row?.[0], row?.[1], sessionId)
}

/** Ends a session. Returns its id, whether it was valid or not. */
export async function revokeSession(deps: SessionDeps, sessionId: string, reason: string): Promise<string> {
  await deps.run(deps.statements.revoke, { session: sessionId, reason, now: timestampText(deps.now()) })
  return sessionId
}

/** Ends the session of a refresh token, even of an old token. Returns the id of the session; null when no valid session has the token. */
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

/** Ends all sessions of a user except `keep`. Returns the ids of the ended sessions. */
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

function userIn(userId: string | null | undefined, claims: string | null | undefined, sessionId: string): SignedInUser | null {
  return typeof userId === 'string' && typeof claims === 'string' ? readUser(userId, claims, sessionId) : null
}
