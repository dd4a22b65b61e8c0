/** The HTTP services that code of a design calls, after resolution. */

import type { ServiceClientModel } from './service-client.ts'

/** A value that a design states, or the name of the environment variable that has it. */
export type Configured = { readonly kind: 'stated'; readonly value: string } | { readonly kind: 'variable'; readonly name: string }

/** How calls to a service are authorized. Secrets are always variables. */
export type ServiceAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'header'; readonly header: string; readonly value: string }
  /** The grant for client credentials of OAuth 2.0 (RFC 6749 section 4.4). */
  | {
      readonly kind: 'oauth'
      readonly tokenUrl: Configured
      readonly client: string
      readonly secret: string
      readonly secretIn: 'header' | 'body'
      readonly scope: string | null
      readonly audience: string | null
    }
  /** A token that this backend signs: for itself, or for the caller of the code. `audience`: the origin of the service unless given. */
  | { readonly kind: 'signed'; readonly as: 'caller' | 'system'; readonly audience: Configured | null }

/** When calls to a service that fails stop. */
export interface CircuitBreaker {
  /** Failures in a row after which calls stop; null: when half of at least 20 calls within 10 s have failed. */
  readonly failures: number | null
  /** Milliseconds until one call tries again. */
  readonly pauseMs: number
}

/** A service. */
export interface HttpService {
  readonly name: string
  readonly description: string | null
  readonly baseUrl: Configured
  readonly auth: ServiceAuth
  /** Milliseconds for a whole call with its retries. */
  readonly timeoutMs: number
  /** How often a failed call is made again, at most. */
  readonly retries: number
  readonly circuitBreaker: CircuitBreaker
  /** How many calls run at the same time in one process, and how many more wait. */
  readonly concurrency: number
  readonly queue: number
  /** The most bytes of an answer. */
  readonly answerBytes: number
  /** The path of its OpenAPI document; null for none. */
  readonly document: string | null
  /** What the document says; null without one, and until it is read. */
  readonly client: ServiceClientModel | null
}

/** The environment variables that a service needs. */
export function variablesOfService({ baseUrl, auth }: HttpService): readonly string[] {
  const named = (one: Configured | null): readonly string[] => (one?.kind === 'variable' ? [one.name] : [])
  return [...named(baseUrl), ...variablesOfAuth(auth, named)]
}

function variablesOfAuth(auth: ServiceAuth, named: (one: Configured | null) => readonly string[]): readonly string[] {
  switch (auth.kind) {
    case 'none':
      return []
    case 'bearer':
      return [auth.token]
    case 'basic':
      return [auth.user, auth.password]
    case 'header':
      return [auth.value]
    case 'oauth':
      return [...named(auth.tokenUrl), auth.client, auth.secret]
    case 'signed':
      return named(auth.audience)
  }
}
