/**
 * The keys of another backend. They are loaded in the background, at the start and again every five minutes. A request waits for them only
 * if it names a key that is not known; then they are loaded at most every 30 s, whatever is sent. Until they were loaded once, which
 * may take a while when both backends start, they are loaded at most every second, and requests wait for the next time.
 */

import type { KeyObject } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PublicKeys } from './fetch-keys.ts'
import type { BackendObservation } from './observation.ts'

/** The keys, until they are closed. */
export interface KeySet {
  /** The key with this id; null if the other backend has none, or its keys cannot be loaded. Never rejects. */
  readonly keyOf: (kid: string) => Promise<KeyObject | null>
  readonly close: () => void
}

/** What a set needs. */
export interface KeySetDeps {
  /** The name of the other backend. */
  readonly backend: string
  readonly load: () => Promise<PublicKeys>
  readonly observe: (observation: BackendObservation) => void
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** Milliseconds between loads that nothing asks for, and the shortest time between those for unknown keys. */
const REFRESH_MS = 300_000
const UNKNOWN_MS = 30_000
/** Until keys were loaded once, the shortest time between loads. It doubles with each failure, up to `UNKNOWN_MS`. */
const FIRST_MS = 1_000
/** Known keys are used for this long after the last load that succeeded: a key that has leaked may have been removed since. */
const STALE_MS = 86_400_000

/** Opens a set and begins to load it. */
export function openKeySet({ backend, load, observe, now }: KeySetDeps): KeySet {
  let keys: PublicKeys = new Map()
  let loadedAt = Number.NEGATIVE_INFINITY
  let beganAt = Number.NEGATIVE_INFINITY
  let loads = 0
  let failures = 0
  let loading: Promise<void> | null = null
  let nextFirst: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  async function loadNow(): Promise<void> {
    try {
      keys = await load()
      loadedAt = now()
      if (keys.size === 0) observe({ kind: 'no-keys', backend, keys: 0, note: 'it publishes no keys' })
      else if (failures > 0) observe({ kind: 'keys', backend, keys: keys.size })
      failures = 0
    } catch (error) {
      failures += 1
      const note = error instanceof Error ? error.message : 'unknown error'
      if (!isClosed) observe({ kind: 'no-keys', backend, keys: keys.size, note })
    } finally {
      loading = null
      if (!isClosed) timer = setTimeout(refresh, failures === 0 ? REFRESH_MS : pauseMs()).unref()
    }
  }

  function refresh(): Promise<void> {
    if (loading !== null) return loading
    clearTimeout(timer)
    beganAt = now()
    loads += 1
    loading = loadNow()
    return loading
  }

  /** Loads the keys as soon as they may be loaded again. The timer may have begun to load them before. */
  function loadWhenDue(): Promise<void> {
    const before = loads
    nextFirst ??= sleep(Math.max(0, FIRST_MS - (now() - beganAt)), undefined, { ref: false }).then(async () => {
      nextFirst = null
      if (!isClosed) await (loads === before ? refresh() : loading)
    })
    return nextFirst
  }

  const pauseMs = (): number => Math.min(UNKNOWN_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10))
  const hasLoaded = (): boolean => loadedAt !== Number.NEGATIVE_INFINITY
  const isDue = (): boolean => now() - beganAt >= (hasLoaded() ? UNKNOWN_MS : FIRST_MS)
  const known = (kid: string): KeyObject | null => (now() - loadedAt < STALE_MS ? (keys.get(kid) ?? null) : null)

  void refresh()
  return {
    async keyOf(kid) {
      const key = known(kid)
      if (key !== null || isClosed) return key
      if (loading !== null || isDue()) await refresh()
      else if (!hasLoaded()) await loadWhenDue()
      return known(kid)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
