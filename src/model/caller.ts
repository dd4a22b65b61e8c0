/** The caller of a request: the values that `auth.` names in expressions. */

/** The value of a claim, as it is bound to SQL; null when the caller does not have the claim. An anonymous caller has no claims. */
export type ClaimValue = string | number | boolean | null

/** A caller. `claims` has an entry for every claim of the model; `id` is null exactly for an anonymous caller. */
export interface Caller {
  readonly claims: ReadonlyMap<string, ClaimValue>
  /** The session that the caller's token belongs to; null for an anonymous caller. */
  readonly session: string | null
}

/** A caller who is not signed in: every claim is missing. */
export const ANONYMOUS: Caller = { claims: new Map(), session: null }

/** Reads a claim; missing and unknown claims are null. */
export function claimOf(caller: Caller, name: string): ClaimValue {
  return caller.claims.get(name) ?? null
}
