/**
 * A cache of sessions, at most five seconds old: a logout, a change of role or a deletion on another instance takes effect here within that
 * time, and at once on the instance that made it. Requests at the same moment share one query.
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
  /** Returns the user of a session, at most 5 s old; null when the session has ended. Rejects with what reading it rejects with. */
  readonly get: (session: SessionKey) => Promise<SignedInUser | null>
  /** Makes the next `get` query the database, even if a query is under way. */
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
  /** When reading began. Later commits may be missing. */
  readonly readAt: number
  readonly state: Promise<SignedInUser | null>
}

/**
 * The entries of about five seconds. Expired entries are not removed one by one: a whole generation is dropped when none of its entries can
 * be fresh.
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
    // Also when the clock was set back, or the generation is full: then some entries are dropped early.
    if (age >= 0 && age < FRESH_MS && young.entries.size < MAX_ENTRIES) return
    old = young
    young = newGeneration(at)
  }

  function readNow({ sessionId, userId }: SessionKey, at: number): Promise<SignedInUser | null> {
    nextGeneration(at)
    const entry: Entry = { userId, readAt: at, state: read(sessionId) }
    young.entries.set(sessionId, entry)
    const sessions = young.sessionsOf.get(userId)
    if (sessions === undefined) young.sessionsOf.set(userId, [sessionId])
    else if (!sessions.includes(sessionId)) sessions.push(sessionId)
    // A failure is passed to the present callers, and not kept for later ones.
    entry.state.catch(() => {
      for (const age of [young, old]) if (age.entries.get(sessionId) === entry) age.entries.delete(sessionId)
    })
    return entry.state
  }

  function forget(sessionId: string): void {
    young.entries.delete(sessionId)
    old.entries.delete(sessionId)
  }

  return {
    get: (session) => {
      const at = now()
      const entry = young.entries.get(session.sessionId) ?? old.entries.get(session.sessionId)
      return entry !== undefined && entry.userId === session.userId && isFresh(entry, at) ? entry.state : readNow(session, at)
    },
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
