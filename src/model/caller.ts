/** The caller of a request: the values that `auth.` names in expressions. */

import type { RowPath } from './expression.ts'
import type { ScalarKind } from './scalar.ts'

/** The value of a claim, as it is bound to SQL; null when the caller does not have the claim. An anonymous caller has no claims. */
export type ClaimValue = string | number | boolean | null

/**
 * A caller. `claims` has an entry for every claim of the model; `id` is null exactly for an anonymous caller, and for another backend that
 * sends a request for itself.
 */
export interface Caller {
  readonly claims: ReadonlyMap<string, ClaimValue>
  /** The session that the caller's token belongs to; null for an anonymous caller, and for requests of other backends. */
  readonly session: string | null
  /** The name of the other backend that sends the request for itself; absent for all others. */
  readonly backend?: string
}

/** A caller who is not signed in: every claim is missing. */
export const ANONYMOUS: Caller = { claims: new Map(), session: null }

/** Reads a claim; missing and unknown claims are null. */
export function claimOf(caller: Caller, name: string): ClaimValue {
  return caller.claims.get(name) ?? null
}

/** Whether it is known who the caller is: an account, or another backend. */
export function isKnown(caller: Caller): boolean {
  return caller.backend !== undefined || claimOf(caller, 'id') !== null
}

/** The account that a step of an action signs in: the one with these inputs as login and password, or a row that the action has made. */
export type SigningAccount =
  | { readonly kind: 'password'; readonly login: string; readonly password: string }
  | { readonly kind: 'row'; readonly row: RowPath }

/** A token of a session: the access token, or the one that is exchanged for a new one. */
export type SessionPart = 'token' | 'refreshToken'

/** Seconds for which an access token is valid, unless the design says otherwise. */
export const LASTS_SECONDS = 900

/** How access tokens are sent, and for how long they are valid. */
export interface TokenModel {
  /** The word before the token in the header `Authorization`. */
  readonly scheme: string
  readonly lastsSeconds: number
  /** The cookie that may hold the token in place of the header; null for none. */
  readonly cookie: CookieModel | null
}

/** A cookie with an access token, for the pages of the backend's own origin. */
export interface CookieModel {
  /** The name without the prefix `__Host-`. */
  readonly name: string
  readonly sameSite: 'strict' | 'lax'
}

/** One attribute of the caller: `auth.<name>` is the identity entity's field `field`. */
export interface Claim {
  readonly name: string
  readonly field: string
  readonly scalar: ScalarKind
}
