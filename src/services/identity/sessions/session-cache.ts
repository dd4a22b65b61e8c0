/**
 * A cache of sessions, at most five seconds old. A logout, a change of role or a deletion takes effect at once on the instance that made
 * it, and within five seconds on the others. Concurrent requests share one query.
 */

import type { SignedInUser } from './identity-row.ts'

const FRESH_MS = 5_000
/** Sessions in one generation of the cache: about 20 MB in all when full. */
const MAX_ENTRIES = 10_000

/** A session and its user, as the access token names them. */
export interface SessionKey {
  readonly sessionId: string
  readonly userId: string
}

/** The cache. */
export interface SessionCache {
  /** Returns the user of a session, at most 5 s old; null when the session has ended. Rejects with the error of `read`. */
  readonly get: (session: SessionKey) => Promise<SignedInUser | null>
  /** Returns the user of a session without waiting: the user that `get` would give at once; null when `get` has to wait, or gives null. */
  readonly peek: (session: SessionKey) => SignedInUser | null
  /** Makes the next `get` query the database, even if a query is running. */
  readonly forget: (sessionId: string) => void
  /** Like `forget`, for all sessions of a user. */
  readonly forgetUser: (userId: string) => void
  /** The number of entries, expired ones included. */
  readonly size: () => number
}

/** How to read a session, and the clock (milliseconds since 1970). */
export interface SessionCacheDeps {
  readonly read: (sessionId: string) => Promise<SignedInUser | null>
  readonly now: () => number
}

interface Entry {
  readonly userId: string
  /** When the read began. Later commits may be missing. */
  readonly readAt: number
  readonly state: Promise<SignedInUser | null>
  /** The result of `state`; null until the read has ended. */
  user: SignedInUser | null
}

/**
 * The entries of about five seconds. Expired entries are not removed singly; a whole generation is dropped when all its entries have
 * expired.
 */
interface Generation {
  readonly since: number
  readonly entries: Map<string, Entry>
  readonly sessionsOf: Map<string, string[]>
}

/** Opens an empty cache. */
export function openSessionCache({ read, now }: SessionCacheDeps): SessionCache {
  let young = newGeneration(now())
  let old = newGeneration(now())

  function nextGeneration(at: number): void {
    const age = at - young.since
    // A new generation also begins when the clock was set back or this one is full. Some entries are then dropped early.
    if (age >= 0 && age < FRESH_MS && young.entries.size < MAX_ENTRIES) return
    old = young
    young = newGeneration(at)
  }

  function readNow({ sessionId, userId }: SessionKey, at: number): Promise<SignedInUser | null> {
    nextGeneration(at)
    const entry: Entry = { userId, readAt: at, state: read(sessionId), user: null }
    young.entries.set(sessionId, entry)
    const sessions = young.sessionsOf.get(userId)
    if (sessions === undefined) young.sessionsOf.set(userId, [sessionId])
    else if (!sessions.includes(sessionId)) sessions.push(sessionId)
    // Callers that wait for this read get its failure; later callers do not.
    entry.state.then(
      (user) => {
        entry.user = user
      },
      () => {
        for (const age of [young, old]) if (age.entries.get(sessionId) === entry) age.entries.delete(sessionId)
      },
    )
    return entry.state
  }

  function forget(sessionId: string): void {
    young.entries.delete(sessionId)
    old.entries.delete(sessionId)
  }

  /** The entry of a session, unless it is too old or belongs to another user. */
  function fresh({ sessionId, userId }: SessionKey, at: number): Entry | undefined {
    const entry = young.entries.get(sessionId) ?? old.entries.get(sessionId)
    return entry !== undefined && entry.userId === userId && isFresh(entry, at) ? entry : undefined
  }

  return {
    get: (session) => {
      const at = now()
      return fresh(session, at)?.state ?? readNow(session, at)
    },
    peek: (session) => fresh(session, now())?.user ?? null,
    forget,
    forgetUser: (userId) => {
      for (const age of [young, old]) for (const sessionId of age.sessionsOf.get(userId) ?? []) forget(sessionId)
    },
    size: () => young.entries.size + old.entries.size,
  }
}

/** Whether an entry is fresh. A clock that was set back must not extend its life. */
function isFresh(entry: Entry, at: number): boolean {
  const age = at - entry.readAt
  return age >= 0 && age < FRESH_MS
}

function newGeneration(since: number): Generation {
  return { since, entries: new Map(), sessionsOf: new Map() }
}
