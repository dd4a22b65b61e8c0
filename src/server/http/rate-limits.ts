/**
 * Limits what one caller may ask for in a minute. This process counts in windows of fixed length. Answers carry the fields of
 * draft-ietf-httpapi-ratelimit-headers-10.
 */

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Failure, failure } from '../../base/failure.ts'

const WINDOW_SECONDS = 60

/** How much is allowed a minute, by policy; null for no limit. */
export interface RateLimitPolicies {
  /** Requests of one caller: an account, or an address for callers who are not signed in. */
  readonly requests: number | null
  /** Passwords that are hashed or checked for one caller. */
  readonly passwords: number | null
  /** Sign-ins with one login, from all addresses together. */
  readonly logins: number | null
}

/** The name of a policy. */
export type RateLimitPolicy = keyof RateLimitPolicies

/** High enough for people and programs, too low for guessing passwords. */
export const DEFAULT_RATE_LIMITS: RateLimitPolicies = { requests: 6_000, passwords: 60, logins: 30 }

/** No limits, for tests and measurements. */
export const NO_RATE_LIMITS: RateLimitPolicies = { requests: null, passwords: null, logins: null }

/** What is left of a policy for one key. */
export interface RateLimitState {
  readonly policy: RateLimitPolicy
  /** Allowed in a window. */
  readonly quota: number
  readonly remaining: number
  /** Seconds until the window ends. */
  readonly resetSeconds: number
}

/** The rate limits of a backend. */
export interface RateLimits {
  /** Whether a policy has a limit. Without one there is nothing to take. */
  readonly has: (policy: RateLimitPolicy) => boolean
  /**
   * Takes `cost` from the remainder of a key. A cost above the remainder is allowed while any remainder is left; later requests of the key
   * are then refused until the window ends. Null without a limit.
   *
   * @throws RateLimited `too_many_requests` when nothing is left in this window.
   */
  readonly take: (policy: RateLimitPolicy, key: string, cost?: number) => Promise<RateLimitState | null>
}

/** A refused request, with what the client is told about the limit. */
export class RateLimited extends Failure {
  readonly state: RateLimitState

  constructor(state: RateLimitState) {
    const { code, detail, retryAfterSeconds } = failure('too_many_requests', { seconds: state.resetSeconds })
    super(code, detail, { retryAfterSeconds, note: `rate limit ${state.policy}` })
    this.state = state
  }
}

/** Opens the limits; nothing has been taken. */
export function openRateLimits(policies: RateLimitPolicies): RateLimits {
  const limiters = new Map<RateLimitPolicy, RateLimiterMemory>()
  for (const policy of Object.keys(DEFAULT_RATE_LIMITS) as RateLimitPolicy[]) {
    const points = policies[policy]
    if (points !== null) limiters.set(policy, new RateLimiterMemory({ points, duration: WINDOW_SECONDS }))
  }
  return {
    has: (policy) => limiters.has(policy),
    async take(policy, key, cost = 1) {
      const limiter = limiters.get(policy)
      if (limiter === undefined) return null
      const used = await limiter.consume(key).catch((refused: unknown) => {
        if (!(refused instanceof RateLimiterRes)) throw refused
        throw new RateLimited(stateOf(policy, limiter.points, refused))
      })
      return stateOf(policy, limiter.points, cost > 1 ? await limiter.penalty(key, cost - 1) : used)
    },
  }
}

function stateOf(policy: RateLimitPolicy, quota: number, { remainingPoints, msBeforeNext }: RateLimiterRes): RateLimitState {
  return { policy, quota, remaining: Math.max(0, remainingPoints), resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) }
}

/** The header fields for a state: `RateLimit-Policy` and `RateLimit`. */
export function rateLimitHeaders({ policy, quota, remaining, resetSeconds }: RateLimitState): Readonly<Record<string, string>> {
  return { 'ratelimit-policy': `"${policy}";q=${quota};w=${WINDOW_SECONDS}`, ratelimit: `"${policy}";r=${remaining};t=${resetSeconds}` }
}
