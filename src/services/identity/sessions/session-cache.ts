/**
 * What this instance knows of sessions: at most five seconds old, so that a logout, a change of role or a deletion anywhere is felt here that soon, and at
 * once where it was done. Requests that ask at the same moment share one look into the database.
 */

import type { SignedInUser } from './identity-row.ts'

const FRESH_MS = 5_000
/** Sessions remembered in one age: about 20 MB in all when full. */
const MOST = 10_000

/** A session and whose it is, as the access token says. */
export interface SessionKey {
  readonly sessionId: string
  readonly userId: string
}

export interface SessionCache {
  /** The user of a session as of at most 5 s ago; null when the session is over. Rejects with what reading it rejects with. */
  readonly get: (session: SessionKey) => Promise<SignedInUser | null>
  /** The next `get` asks the database, whatever is on its way now. */
  readonly forget: (sessionId: string) => void
  readonly forgetUser: (userId: string) => void
  /** Entries held, fresh or not. */
  readonly size: () => number
}

export interface SessionCacheDeps {
  readonly read: (sessionId: string) => Promise<SignedInUser | null>
  readonly now: () => number
}

interface Entry {
  readonly userId: string
  /** When reading began: what was committed later may be missing. */
  readonly readAt: number
  readonly state: Promise<SignedInUser | null>
}

/** The entries of some five seconds. Nothing is ever taken out for being old: a whole age goes at once, when nothing in it can be fresh. */
interface Age {
  readonly since: number
  readonly entries: Map<string, Entry>
  readonly sessionsOf: Map<string, string[]>
}

/** Opens an empty cache. */
export function openSessionCache({ read, now }: SessionCacheDeps): SessionCache {
  let young = newAge(now())
  let old = newAge(now())

  function turnAge(at: number): void {
    const age = at - young.since
    // Also when the clock was set back, or when there is no more room: then some entries go early.
    if (age >= 0 && age < FRESH_MS && young.entries.size < MOST) return
    old = young
    young = newAge(at)
  }

  function readNow({ sessionId, userId }: SessionKey, at: number): Promise<SignedInUser | null> {
    turnAge(at)
    const entry: Entry = { userId, readAt: at, state: read(sessionId) }
    young.entries.set(sessionId, entry)
    const sessions = young.sessionsOf.get(userId)
    if (sessions === undefined) young.sessionsOf.set(userId, [sessionId])
    else if (!sessions.includes(sessionId)) sessions.push(sessionId)
    // A failure is for those who asked, not for those who come later.
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

/** A clock that was set back must not make an entry last longer. */
function isFresh(entry: Entry, at: number): boolean {
  const age = at - entry.readAt
  return age >= 0 && age < FRESH_MS
}

function newAge(since: number): Age {
  return { since, entries: new Map(), sessionsOf: new Map() }
}
