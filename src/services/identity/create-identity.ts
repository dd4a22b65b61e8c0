/** Builds the identity service for one model and one set of keys. */

import { failure } from '../../base/failure.ts'
import { lru } from '../../base/lru.ts'
import { memoText } from '../../base/memo.ts'
import { unreachable } from '../../base/unreachable.ts'
import { formatOf } from '../../compile/values/formats.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import { fieldNamed, storedScalar } from '../../model/model.ts'
import type { Identity, IdentityDeps, SignedIn } from './identity.ts'
import { type LoginDeps, loginReader, loginStatement, rehashStatement, login as signIn } from './login/login.ts'
import { attemptStatements } from './login/login-attempts.ts'
import { openQueueByKey } from './login/queue-by-key.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from './passwords/passwords.ts'
import { accountByStatement, callerStatement, identityOf, readUser } from './sessions/identity-row.ts'
import { openSessionCache } from './sessions/session-cache.ts'
import { sessionStatements } from './sessions/session-statements.ts'
import * as sessions from './sessions/sessions.ts'
import { deriveSecrets, jwks } from './tokens/keys.ts'
import { openTokens, type Tokens, type VerifiedToken } from './tokens/tokens.ts'

/** The maximum number of waiting attempts to sign in to one account, in one process. */
const WAITING_ATTEMPTS = 128

/** The maximum number of remembered `Authorization` headers: about 10 MB. */
const KNOWN_HEADERS = 10_000

/** The fields by which accounts are found, at most. */
const MOST_FIELDS = 20

/** Opens the identity service. It holds no connection, so there is nothing to close. @throws Error for a model without an identity. */
export function createIdentity(deps: IdentityDeps): Identity {
  const { model, run, now, observe } = deps
  const { scheme, lastsSeconds } = identityOf(model).identity.token
  const issuing: Issuing = { tokens: openTokens({ ...deps, lastsSeconds }), lastsSeconds }
  const { tokens } = issuing
  const passwords = openPasswords(deps.passwords ?? DEFAULT_PASSWORD_OPTIONS)
  const store: sessions.SessionDeps = { run, now, statements: sessionStatements(model), secrets: deriveSecrets(deps.keys, 'refresh-token') }
  const cache = openSessionCache({ now, read: (sessionId) => sessions.currentState(store, sessionId) })
  // Whether the session of a header is still valid is decided by the cache of sessions alone.
  const headers = lru<VerifiedToken>(KNOWN_HEADERS)
  const loginStatementOf = loginStatement(model)
  const callerStatementOf = callerStatement(model)
  const accountBy = memoText(MOST_FIELDS, (field: string) => accountByStatement(model, field))
  const loginDeps: LoginDeps = {
    attempts: { run, now, statements: attemptStatements(model) },
    sessions: store,
    rehash: rehashStatement(model),
    passwords,
    queueByLogin: openQueueByKey(WAITING_ATTEMPTS),
    readLogin: loginReader(model, deriveSecrets(deps.keys, 'login-attempts')[0]),
    observe,
  }
  const callerOf = async (userId: string): Promise<Caller | null> => {
    const [row] = await run(callerStatementOf, { user_id: userId })
    const claims = row?.[0] ?? null
    return claims === null ? null : readUser(userId, claims, null).caller
  }
  return {
    scheme,
    authenticate: async (token, header) => {
      const proved = await tokens.verify(token)
      const user = await cache.get(proved)
      if (user === null || user.userId !== proved.userId) throw failure('invalid_token', {}, 'the session is over')
      if (header !== undefined) headers.set(header, proved)
      return user.caller
    },
    recall: (header) => {
      const proved = headers.get(header)
      if (proved === undefined || proved.until <= now()) return null
      const user = cache.peek(proved)
      return user?.userId === proved.userId ? user.caller : null
    },
    startSession: async (userId) => signedIn(issuing, required(await sessions.openSession(store, userId, null))),
    newSession: () => {
      const { values, opened } = sessions.newSession(store)
      return { values, signedIn: async (row) => signedIn(issuing, required(opened(row))) }
    },
    callerOf,
    callerNow: async (caller) => {
      const id = claimOf(caller, 'id')
      if (id === null) return caller
      const { session } = caller
      const of = String(id)
      const user = session === null ? null : await cache.get({ sessionId: session, userId: of })
      const known = session === null ? await callerOf(of) : user?.userId === of ? user.caller : null
      if (known === null) throw failure('invalid_token', {}, 'the session ended meanwhile')
      return known
    },
    accountBy: async (field, text) => {
      const { read, fromText } = formatOf(storedScalar(fieldNamed(identityOf(model).entity, field).type))
      const value = read(fromText(text))
      const [row] = value === undefined ? [] : await run(accountBy(field), { value })
      const claims = row?.[0] ?? null
      return claims === null ? null : readUser('', claims, null).caller
    },
    loginOf: async (userId) => {
      const [row] = await run(loginStatementOf, { user_id: userId })
      return row?.[0] ?? null
    },
    login: async (login, password, client) => signedIn(issuing, await signIn(loginDeps, { login, password, client })),
    refresh: async (refreshToken) => {
      const rotation = await sessions.rotate(store, refreshToken)
      if (rotation.kind === 'reused') cache.forget(rotation.sessionId)
      return signedIn(issuing, rotatedSession(rotation, observe))
    },
    logout: async (of) => {
      const ended =
        'session' in of
          ? await sessions.revokeSession(store, of.session, 'logout')
          : await sessions.revokeByToken(store, of.refreshToken, 'logout')
      if (ended !== null) cache.forget(ended)
    },
    revokeUser: async (userId, reason, keep) => {
      const ended = await sessions.revokeSessionsOf(store, userId, { reason, keep: keep ?? null })
      for (const sessionId of ended) cache.forget(sessionId)
    },
    forgetUser: cache.forgetUser,
    hashPassword: passwords.hash,
    jwks: () => jwks(deps.keys),
  }
}

/** @throws Failure invalid_credentials when there is no session. */
function required(session: sessions.OpenSession | null): sessions.OpenSession {
  if (session === null) throw failure('invalid_credentials', {}, 'no such user')
  return session
}

/** Returns the session of a rotation. @throws Failure invalid_token when the token was refused or used before. */
function rotatedSession(rotation: sessions.Rotation, observe: IdentityDeps['observe']): sessions.OpenSession {
  switch (rotation.kind) {
    case 'rotated':
      return rotation.session
    case 'reused': {
      const { sessionId, userId, generationsBehind } = rotation
      observe({ kind: 'refresh-reused', sessionId, userId, generationsBehind })
      throw failure('invalid_token', {}, 'the refresh token was used before')
    }
    case 'refused':
      throw failure('invalid_token', {}, rotation.why)
    default:
      return unreachable(rotation)
  }
}

interface Issuing {
  readonly tokens: Tokens
  readonly lastsSeconds: number
}

async function signedIn({ tokens, lastsSeconds }: Issuing, session: sessions.OpenSession): Promise<SignedIn> {
  const { userId, sessionId, caller, refreshToken } = session
  const token = await tokens.issue({ userId, sessionId, role: roleOf(caller) })
  return { userId, sessionId, caller, token, expiresIn: lastsSeconds, refreshToken }
}

function roleOf(caller: Caller): string | null {
  const role = claimOf(caller, 'role')
  return role === null ? null : String(role)
}
