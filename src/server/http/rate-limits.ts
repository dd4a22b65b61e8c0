/**
 * Limits what one caller may ask for in a minute, over all instances (docs/decisions/0108). Answers carry the fields of
 * draft-ietf-httpapi-ratelimit-headers-10.
 */

import { createHash } from 'node:crypto'
import { Failure, failure } from '../../base/failure.ts'
import { LIMIT_WINDOW_MS, type LimitStore, type SharedUse } from '../../services/limits/limit-store.ts'

const WINDOW_SECONDS = LIMIT_WINDOW_MS / 1_000

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
  /** Ends the connection to the store. */
  readonly close: () => void
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

/** How many windows are kept. Beyond it, those that ended go, then the oldest. */
const MOST_KEYS = 200_000
/** What one instance may count of a key without the others: each further instance lets through this part of a limit more, at most. */
const UNTOLD_PART = 0.05
/** From this part on, it tells them without a request that waits. */
const TELL_PART = 0.025
/** From this part of a limit on, each request asks the store. */
const NEAR_PART = 0.8
/** Without the store, an instance allows this part of each limit. */
const ALONE_PART = 0.5
/** How often untold counts are told. */
const TELL_MS = 200

/** What one key has used in its window. */
interface Use {
  /** When the window ends, in the time of `performance.now()`. */
  endsAt: number
  /** By this instance. */
  own: number
  /** How much of `own` the store knows. */
  told: number
  /** By the other instances, as the store has said last. */
  others: number
}

/** A policy with what its keys have used. */
interface Counter {
  readonly policy: RateLimitPolicy
  readonly quota: number
  readonly uses: Map<string, Use>
  /** Keys with counts that the store shall know. */
  readonly untold: Set<string>
  /** Whether every count goes to the store first: for few things that must not happen too often, such as guesses of a password. */
  readonly isExact: boolean
}

/** Opens the limits; nothing has been taken. Without a store, this instance counts alone. */
export function openRateLimits(policies: RateLimitPolicies, store: LimitStore | null = null): RateLimits {
  const counters = new Map<RateLimitPolicy, Counter>()
  for (const policy of Object.keys(DEFAULT_RATE_LIMITS) as RateLimitPolicy[]) {
    const quota = policies[policy]
    if (quota !== null) counters.set(policy, { policy, quota, uses: new Map(), untold: new Set(), isExact: policy !== 'requests' })
  }
  const tell = store === null ? null : openTeller(counters, store)
  return {
    has: (policy) => counters.has(policy),
    async take(policy, key, cost = 1) {
      const counter = counters.get(policy)
      if (counter === undefined) return null
      const use = useOf(counter, key, performance.now())
      if (use.own + use.others >= counter.quota) throw new RateLimited(stateOf(counter, use))
      if (store !== null && mustAsk(counter, use)) return takeShared(counter, store, { key, use, cost })
      use.own += cost
      if (tell !== null && use.own - use.told > counter.quota * TELL_PART) tell(counter, key)
      return stateOf(counter, use)
    },
    close() {
      store?.close()
    },
  }
}

/** Whether what other instances do may decide. */
function mustAsk({ quota, isExact }: Counter, { own, told, others }: Use): boolean {
  return isExact || own + others >= quota * NEAR_PART || own - told >= quota * UNTOLD_PART
}

interface Taking {
  readonly key: string
  readonly use: Use
  readonly cost: number
}

/** Takes from what all instances have left; without the store, from this instance's part. @throws RateLimited when nothing is left. */
async function takeShared(counter: Counter, store: LimitStore, { key, use, cost }: Taking): Promise<RateLimitState> {
  const before = use.own
  const points = use.own - use.told + cost
  use.own += cost
  use.told = use.own
  try {
    const shared = await store.add(storedKey(counter, key), points)
    learn(use, shared, points)
    if (shared.used - cost < counter.quota) return stateOf(counter, use)
  } catch {
    use.told -= points
    if (before < Math.ceil(counter.quota * ALONE_PART)) return stateOf(counter, use)
    use.own -= cost
    throw new RateLimited({ ...stateOf(counter, use), remaining: 0 })
  }
  throw new RateLimited(stateOf(counter, use))
}

/** The windows of the store and of this process begin at different moments; a later end than this is a later window. */
const SAME_WINDOW_MS = 2_000

/** Takes over what the store has said after it was told `points`. */
function learn(use: Use, { used, leftMs }: SharedUse, points: number): void {
  const endsAt = performance.now() + leftMs
  if (endsAt > use.endsAt + SAME_WINDOW_MS && used < use.told) {
    // The store has begun a new window, in which only these points count.
    use.own -= use.told - points
    use.told = points
  }
  use.others = Math.max(0, used - use.told)
  use.endsAt = endsAt
}

/** Tells the store in turns of 200 ms, so that requests do not wait for it. */
function openTeller(counters: ReadonlyMap<RateLimitPolicy, Counter>, store: LimitStore): (counter: Counter, key: string) => void {
  let isWaiting = false
  const tellOne = async (counter: Counter, key: string): Promise<void> => {
    const use = counter.uses.get(key)
    if (use === undefined || use.endsAt <= performance.now()) return
    const points = use.own - use.told
    use.told = use.own
    try {
      learn(use, await store.add(storedKey(counter, key), points), points)
    } catch {
      use.told -= points
    }
  }
  const tellAll = (): void => {
    isWaiting = false
    for (const counter of counters.values()) {
      for (const key of counter.untold) void tellOne(counter, key)
      counter.untold.clear()
    }
  }
  return (counter, key) => {
    counter.untold.add(key)
    if (isWaiting) return
    isWaiting = true
    setTimeout(tellAll, TELL_MS).unref()
  }
}

/** The use of a key in its window; a window that has ended begins again. */
function useOf({ uses }: Counter, key: string, now: number): Use {
  const known = uses.get(key)
  if (known !== undefined && known.endsAt > now) return known
  if (known === undefined && uses.size >= MOST_KEYS) makeRoom(uses, now)
  const fresh: Use = { endsAt: now + LIMIT_WINDOW_MS, own: 0, told: 0, others: 0 }
  // Deleted first, so that the oldest windows come first in the order of the map.
  uses.delete(key)
  uses.set(key, fresh)
  return fresh
}

function makeRoom(uses: Map<string, Use>, now: number): void {
  for (const [key, { endsAt }] of uses) {
    if (endsAt > now && uses.size < MOST_KEYS) return
    uses.delete(key)
  }
}

/** Keys of a store have no address, account or login. */
function storedKey({ policy }: Counter, key: string): string {
  return `${policy}:${createHash('sha256').update(key).digest('base64url').slice(0, 22)}`
}

function stateOf({ policy, quota }: Counter, { own, others, endsAt }: Use): RateLimitState {
  const resetSeconds = Math.max(1, Math.ceil((endsAt - performance.now()) / 1_000))
  return { policy, quota, remaining: Math.max(0, quota - own - others), resetSeconds }
}

/** The header fields for a state: `RateLimit-Policy` and `RateLimit`. */
export function rateLimitHeaders({ policy, quota, remaining, resetSeconds }: RateLimitState): Readonly<Record<string, string>> {
  return { 'ratelimit-policy': `"${policy}";q=${quota};w=${WINDOW_SECONDS}`, ratelimit: `"${policy}";r=${remaining};t=${resetSeconds}` }
}
