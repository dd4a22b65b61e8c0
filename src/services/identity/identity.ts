/**
 * The interface of the identity service: signing in and sessions. One SQL statement uses up everything that works only once (a refresh
 * token, a login attempt), so this holds for any number of instances.
 */

import type { Row, Run, Values } from '../../base/sql/statement.ts'
import type { Caller } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import type { Client } from '../../postgres/executor/client.ts'
import type { IdentityObservation } from './login/observation.ts'
import type { PasswordOptions } from './passwords/passwords.ts'
import type { PublicKeySet, SigningKeys } from './tokens/keys.ts'

/** What the identity service needs. */
export interface IdentityDeps {
  /** A model whose `identity` is not null. */
  readonly model: Model
  readonly run: Run
  readonly keys: SigningKeys
  /** `iss` and `aud` of access tokens: the public address of this backend, and the name of the service that accepts them. */
  readonly issuer: string
  readonly audience: string
  /** Milliseconds since 1970, as `Date.now`. The clocks of instances must agree to within a few seconds. */
  readonly now: () => number
  /** Receives observations for operators. They never contain a password, a token or a login in clear. */
  readonly observe: (observation: IdentityObservation) => void
  /** The cost of a hash and the number of hashes at a time; `DEFAULT_PASSWORD_OPTIONS` unless given. */
  readonly passwords?: PasswordOptions
}

/** A session that has begun or was refreshed. */
export interface SignedIn {
  readonly userId: string
  /** The user as a caller, as `authenticate(token)` returns it. With it the user's own row can be read at once. */
  readonly caller: Caller
  readonly sessionId: string
  /** Access token, for the header `Authorization`. */
  readonly token: string
  /** Seconds until `token` expires. */
  readonly expiresIn: number
  readonly refreshToken: string
}

/** A session that a transaction writes. */
export interface NewSignIn {
  /** The values of the statement, without the id of the user. */
  readonly values: Values
  /** The session, after the statement. @throws Failure invalid_credentials when it returned no row, because there is no such user. */
  readonly signedIn: (row: Row | undefined) => Promise<SignedIn>
}

/** Why sessions were ended, as the table stores it. */
export type RevokeReason = 'logout' | 'password-changed' | 'account-closed' | 'administrator'

/** The identity service of a backend. */
export interface Identity {
  /** The word before an access token in the header `Authorization`. */
  readonly scheme: string
  /**
   * Returns the caller of an access token. Role and claims are at most 5 s older than the database.
   *
   * @param header the `Authorization` header that holds the token, for `recall`.
   * @throws Failure invalid_token for every defect.
   */
  readonly authenticate: (token: string, header?: string) => Promise<Caller>
  /**
   * Returns the caller of an `Authorization` header that `authenticate` has accepted, without waiting; null when the token has expired, or
   * when its session has to be read again.
   */
  readonly recall: (header: string) => Caller | null
  /**
   * Begins a session for a user who has just proved the identity, for example by registering.
   *
   * @throws Failure invalid_credentials when there is no such user.
   */
  readonly startSession: (userId: string) => Promise<SignedIn>
  /**
   * Signs in.
   *
   * @throws Failure invalid_credentials (the same for a wrong password, an unknown login and a locked login); overloaded; client_gone.
   */
  readonly login: (login: string, password: string, client?: Client) => Promise<SignedIn>
  /** Makes a session for an account that the same transaction makes, with the statement of `openingOf`. */
  readonly newSession: () => NewSignIn
  /** A user as a caller without a session, for work that no request asks for; null when there is no such user. */
  readonly callerOf: (userId: string) => Promise<Caller | null>
  /**
   * The account whose field has a value, as a caller without a session; null when there is none. `field` is one that tells accounts apart,
   * and `value` the text of its value.
   */
  readonly accountBy: (field: string, value: string) => Promise<Caller | null>
  /**
   * The same caller as it is now, with claims at most 5 s older than the database: for work that began some time ago.
   *
   * @throws Failure invalid_token when the session is over, or there is no such user any more.
   */
  readonly callerNow: (caller: Caller) => Promise<Caller>
  /** The login of a user, as it is stored; null when there is no such user. */
  readonly loginOf: (userId: string) => Promise<string | null>
  /** Exchanges a refresh token for new tokens. @throws Failure invalid_token for every defect. */
  readonly refresh: (refreshToken: string) => Promise<SignedIn>
  /** Ends one session. The result does not show whether the session existed. */
  readonly logout: (of: { readonly session: string } | { readonly refreshToken: string }) => Promise<void>
  /** Ends all sessions of a user except `keep`. Must be called after the change that requires it is committed. */
  readonly revokeUser: (userId: string, reason: RevokeReason, keep?: string) => Promise<void>
  /**
   * Makes this instance read the user again for the next request. Must be called after any write to the user's row. Other instances follow
   * within 5 s.
   */
  readonly forgetUser: (userId: string) => void
  /**
   * Returns the hash to store. Does not check password rules.
   *
   * @throws Failure overloaded; malformed_request for an empty, too long or malformed text.
   */
  readonly hashPassword: (password: string, client?: Client) => Promise<string>
  /** Returns the public keys, for `/.well-known/jwks.json` (RFC 7517). */
  readonly jwks: () => PublicKeySet
}
