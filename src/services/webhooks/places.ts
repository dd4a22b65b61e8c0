/**
 * Shares the places for attempts that a process makes at the same time: among receivers, hosts and owners of subscriptions, so that none of
 * them takes all, and so that receivers that answer slowly leave places for those that answer quickly.
 */

import type { ReadyMessage } from './leases.ts'

/** Attempts at the same time: all, and those to one receiver, of one owner of subscriptions, and to one host. */
const MOST = 64
const MOST_EACH = 8
const MOST_OWNER = 8
const MOST_HOST = 16
/** Attempts at the same time to a receiver that has been slow, and to one that did not answer the last time. */
const MOST_SLOW_EACH = 4
const MOST_SILENT_EACH = 1
/**
 * Attempts at the same time to all receivers that are slow or silent, and to these together with all that are not known yet. The other
 * places are for quick receivers.
 */
const MOST_SLOW = 16
const MOST_UNPROVEN = 32
/** Milliseconds from which an attempt is slow. */
const SLOW_MS = 1_000
/**
 * The time that a receiver has held places in slow attempts counts half as much after each minute. With `SLOW_MS` of it, a receiver is
 * slow, however quick its last answer was: one attempt of two seconds makes it slow for a minute, one of 15 s for four. More than
 * `MOST_COUNTED_MS`, after which it is slow for six minutes, does not count.
 */
const HALVED_MS = 60_000
const MOST_COUNTED_MS = 64_000
/** Receivers whose pace is kept; of more, the oldest are forgotten. */
const MOST_KNOWN = 10_000

/** How fast a receiver answers: `silent` is one that did not answer the last time, `new` one that was not asked yet. */
export type Pace = 'quick' | 'slow' | 'silent' | 'new'

/** How a receiver took an attempt. */
export interface Taking {
  /** Whether it answered at all. */
  readonly answered: boolean
  readonly durationMs: number
}

/** A message with what limits its place. */
type Placed = Pick<ReadyMessage, 'endpoint' | 'owner' | 'host'>

/** The places of a process. */
export interface Places {
  /** The most messages of one receiver that can be sent at the same time. */
  readonly each: number
  readonly free: () => number
  /** The receivers that have as many places as they get. */
  readonly full: () => readonly string[]
  /** Those of the messages for which there are places now: of each receiver the first ones. Receivers come in a random order. */
  readonly choose: <M extends Placed>(ready: readonly M[]) => readonly M[]
  readonly take: (message: Placed) => void
  /** Gives a place back. `taking` is null if the attempt says nothing about the receiver. */
  readonly leave: (message: Placed, taking: Taking | null) => void
}

/** What is remembered of a receiver. */
interface Remembered {
  readonly isSilent: boolean
  /** The time of its slow attempts, as it counts at the moment `at`. */
  readonly heldMs: number
  readonly at: number
}

/** Numbers by key, without those that are zero. */
type Counts = Map<string, number>

/** The numbers of places that are taken. */
interface Taken {
  all: number
  slow: number
  unproven: number
  readonly endpoints: Counts
  readonly owners: Counts
  readonly hosts: Counts
}

/** Places of which none is taken. @param random as `Math.random` @param now milliseconds of a clock that never goes back */
export function openPlaces(random: () => number, now: () => number): Places {
  const records = new Map<string, Remembered>()
  const taken: Taken = { all: 0, slow: 0, unproven: 0, endpoints: new Map(), owners: new Map(), hosts: new Map() }
  // The pace under which a place was taken, because it may have changed when it is left.
  const underway = new Map<string, Pace[]>()
  const paceNow = (endpoint: string): Pace => {
    const known = records.get(endpoint)
    if (known === undefined) return 'new'
    return known.isSilent ? 'silent' : heldAt(known, now()) >= SLOW_MS ? 'slow' : 'quick'
  }
  return {
    each: MOST_EACH,
    free: () => MOST - taken.all,
    full: () => [...taken.endpoints].flatMap(([endpoint, count]) => (count >= mostOf(paceNow(endpoint)) ? [endpoint] : [])),
    choose: (ready) => {
      const then = { ...taken, endpoints: new Map(taken.endpoints), owners: new Map(taken.owners), hosts: new Map(taken.hosts) }
      return inTurns(ready, random).filter((message) => {
        const pace = paceNow(message.endpoint)
        if (!hasPlace(then, message, pace)) return false
        count(then, message, pace, 1)
        return true
      })
    },
    take: (message) => {
      const pace = paceNow(message.endpoint)
      underway.set(message.endpoint, [...(underway.get(message.endpoint) ?? []), pace])
      count(taken, message, pace, 1)
    },
    leave: (message, taking) => {
      const { endpoint } = message
      const [under = 'new', ...others] = underway.get(endpoint) ?? []
      if (others.length === 0) underway.delete(endpoint)
      else underway.set(endpoint, others)
      count(taken, message, under, -1)
      if (taking === null) return
      const record = recordAfter(records.get(endpoint), taking, now())
      records.delete(endpoint)
      records.set(endpoint, record)
      for (const oldest of records.keys()) if (records.size > MOST_KNOWN) records.delete(oldest)
    },
  }
}

function heldAt({ heldMs, at }: Remembered, now: number): number {
  return heldMs * 0.5 ** ((now - at) / HALVED_MS)
}

function recordAfter(known: Remembered | undefined, { answered, durationMs }: Taking, now: number): Remembered {
  const before = known === undefined ? 0 : heldAt(known, now)
  const more = durationMs >= SLOW_MS ? durationMs : 0
  return { isSilent: !answered, heldMs: Math.min(before + more, MOST_COUNTED_MS), at: now }
}

function mostOf(pace: Pace): number {
  return pace === 'silent' ? MOST_SILENT_EACH : pace === 'slow' ? MOST_SLOW_EACH : MOST_EACH
}

function hasPlace(taken: Taken, { endpoint, owner, host }: Placed, pace: Pace): boolean {
  const isSlow = pace === 'slow' || pace === 'silent'
  return (
    taken.all < MOST &&
    (taken.endpoints.get(endpoint) ?? 0) < mostOf(pace) &&
    (owner === null || (taken.owners.get(owner) ?? 0) < MOST_OWNER) &&
    (host === '' || (taken.hosts.get(host) ?? 0) < MOST_HOST) &&
    (!isSlow || taken.slow < MOST_SLOW) &&
    (pace === 'quick' || taken.unproven < MOST_UNPROVEN)
  )
}

/** Takes places, or gives them back (`by` is -1). */
function count(taken: Taken, { endpoint, owner, host }: Placed, pace: Pace, by: 1 | -1): void {
  taken.all += by
  if (pace === 'slow' || pace === 'silent') taken.slow += by
  if (pace !== 'quick') taken.unproven += by
  add(taken.endpoints, endpoint, by)
  if (owner !== null) add(taken.owners, owner, by)
  if (host !== '') add(taken.hosts, host, by)
}

function add(counts: Counts, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by
  if (next === 0) counts.delete(key)
  else counts.set(key, next)
}

/** The first message of each receiver, then the second ones, and so on; each time the receivers in a random order. */
function inTurns<M extends Placed>(messages: readonly M[], random: () => number): readonly M[] {
  const ranks = new Map<string, number>()
  const ranked = messages.map((message) => {
    const rank = ranks.get(message.endpoint) ?? 0
    ranks.set(message.endpoint, rank + 1)
    return { message, rank, chance: random() }
  })
  return ranked.toSorted((a, b) => a.rank - b.rank || a.chance - b.chance).map(({ message }) => message)
}
