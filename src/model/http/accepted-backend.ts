/** The other backends whose signed tokens a backend accepts, after resolution. */

import type { Configured } from './http-service.ts'

/** Another backend of Plinth, and who its requests may be from. */
export interface AcceptedBackend {
  readonly name: string
  readonly description: string | null
  /** Its public address: `iss` of its tokens. Its keys are below it. */
  readonly issuer: Configured
  /** The role of requests that it sends for itself; null when it may send none. */
  readonly role: string | null
  /** The accounts for which it may send requests; null for none. */
  readonly accounts: AcceptedAccounts | null
}

/** The accounts for which another backend may send requests. */
export interface AcceptedAccounts {
  /** The field of an account that has its id at the other backend. */
  readonly field: string
  /** The roles that such an account may have; null for any. */
  readonly roles: readonly string[] | null
}
