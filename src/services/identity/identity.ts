/**
 * Signing in and staying signed in, as the server calls it. Everything that works once (a refresh token, a login attempt, a lock) is consumed by one
 * SQL statement, so any number of instances agree.
 */

import type { Run } from '../../base/sql/statement.ts'
import type { Caller } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import type { IdentityObservation } from './login/observation.ts'
import type { PasswordProblem } from './passwords/password-rules.ts'
import type { PasswordOptions } from './passwords/passwords.ts'
import type { SessionInfo } from './sessions/sessions.ts'
import type { PublicKeySet, SigningKeys } from './tokens/keys.ts'

export interface IdentityDeps {
  /** A model whose `identity` is not null. */
  readonly model: Model
  readonly run: Run
  readonly keys: SigningKeys
  /** `iss` and `aud` of access tokens: the public address of this backend, and the name of what accepts them. */
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since 1970, as `Date.now`. Instances must agree to within a few seconds. */
  readonly now: () => number
  /** What an operator should hear of. Never holds a password, a token or a login in clear. */
  readonly observe: (observation: IdentityObservation) => void
  /** What a hash costs and how many are computed at once; by default what passwords.ts says. */
  readonly passwords?: PasswordOptions
}

/** A session that has just begun or gone on. */
export interface SignedIn {
  readonly userId: string
  /** The user as `authenticate(token)` will give it: for reading the user's own row at once. */
  readonly caller: Caller
  readonly sessionId: string
  /** Access token, to be sent as `Authorization: Bearer`. */
  readonly token: string
  /** Seconds until `token` expires. */
  readonly expiresIn: number
  readonly refreshToken: string
}

export type RevokeReason = 'logout' | 'password-changed' | 'account-closed' | 'administrator'

export interface Identity {
  /** The caller of an access token, with the role and claims that the database holds now (at most 5 s ago). @throws Failure invalid_token, whatever is wrong. */
  readonly authenticate: (token: string) => Promise<Caller>
  /** Begins a session for a user who has just proved who he is, as by registering. @throws Failure invalid_credentials when there is no such user. */
  readonly startSession: (userId: string) => Promise<SignedIn>
  /** @throws Failure invalid_credentials, the same for a wrong password, an unknown login and a locked one; overloaded. */
  readonly login: (login: string, password: string) => Promise<SignedIn>
  /** @throws Failure invalid_token, whatever is wrong. */
  readonly refresh: (refreshToken: string) => Promise<SignedIn>
  /** Ends one session. Says nothing about whether there was one. */
  readonly logout: (of: { readonly session: string } | { readonly refreshToken: string }) => Promise<void>
  /** Ends all sessions of a user except `keep`. To be called after the change that asks for it has been committed. */
  readonly revokeUser: (userId: string, reason: RevokeReason, keep?: string) => Promise<void>
  /** Makes this instance read the user anew for the next request: after any write to, or deletion of, the user's row. Others follow within 5 s. */
  readonly forgetUser: (userId: string) => void
  /** The sessions of a user that stand, the one used last first. */
  readonly sessionsOf: (userId: string) => Promise<readonly SessionInfo[]>
  /** The text to store. Does not ask whether the password is a good one. @throws Failure overloaded; malformed_request for what `checkPassword` refuses as no text at all. */
  readonly hashPassword: (password: string) => Promise<string>
  /**
   * Every reason against this password for the user who is to sign in with `login` (null when not known), limits of the design's field included; empty when
   * it may be used. Hashes nothing.
   */
  readonly checkPassword: (password: string, login: string | null) => Promise<readonly PasswordProblem[]>
  /** The public keys, for `/.well-known/jwks.json` (RFC 7517). */
  readonly jwks: () => PublicKeySet
}
