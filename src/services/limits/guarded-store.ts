/** A store that may be slow or gone: calls are cut off, and after failures it is left alone for a while. */

import type { LimitStore, LimitsObservation } from './limit-store.ts'

/** The time of a call in milliseconds: longer than a store in the same network needs, and short beside a request that waits for it. */
export const CALL_MS = 100
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8_000

/** What a guard needs besides the store. */
export interface GuardOptions {
  readonly observe: (observation: LimitsObservation) => void
  /** The time of a call in milliseconds. */
  readonly callMs: number
}

/**
 * Guards a store. After a call has failed, all calls fail at once until a pause is over, which grows from half a second to eight. Then one
 * call tries the store again. Changes are observed, and not each failure.
 */
export function guardStore(store: LimitStore, { observe, callMs }: GuardOptions): LimitStore {
  let lostAt: number | null = null
  let pauseMs = FIRST_PAUSE_MS
  let nextTryAt = 0
  const failed = (error: unknown): void => {
    const now = performance.now()
    if (now < nextTryAt) return
    if (lostAt === null) {
      lostAt = now
      observe({ kind: 'store-lost', store: store.name, note: error instanceof Error ? error.message : String(error) })
    }
    nextTryAt = now + pauseMs
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
  const succeeded = (): void => {
    if (lostAt === null) return
    observe({ kind: 'store-back', store: store.name, lostMs: Math.round(performance.now() - lostAt) })
    lostAt = null
    pauseMs = FIRST_PAUSE_MS
    nextTryAt = 0
  }
  return {
    name: store.name,
    async add(key, points) {
      const now = performance.now()
      if (now < nextTryAt) throw new Error('the store is left alone after failures')
      // While one call tries a lost store again, the others do not wait for it.
      if (lostAt !== null) nextTryAt = now + callMs
      const over = Promise.withResolvers<never>()
      const timer = setTimeout(() => over.reject(new Error(`no answer within ${callMs} ms`)), callMs)
      try {
        const use = await Promise.race([store.add(key, points), over.promise])
        succeeded()
        return use
      } catch (error) {
        if (lostAt !== null) nextTryAt = 0
        failed(error)
        throw error
      } finally {
        clearTimeout(timer)
      }
    },
    close: store.close,
  }
}
