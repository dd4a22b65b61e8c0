/** Opens the store in which the instances of a backend count together. */

import { createHash } from 'node:crypto'
import type { Run } from '../../base/sql/statement.ts'
import { CALL_MS, guardStore } from './guarded-store.ts'
import type { LimitStore, LimitsObservation } from './limit-store.ts'
import { openPostgresStore } from './postgres-store.ts'

/** Which store, and for whom. */
export interface LimitPlace {
  /** The address of Redis; null for the database. */
  readonly redisUrl: string | null
  /** Equal for all instances of one backend, and for nobody else. */
  readonly scope: string
}

/** What a store works with. */
export interface LimitDeps {
  /** Sends a statement over a connection that is not for requests. */
  readonly run: Run
  readonly observe: (observation: LimitsObservation) => void
  /** The time of a call is multiplied by this number. Tests use more than 1, because a busy machine may be slow. */
  readonly patience: number
}

/** Opens the store. The code of Redis is loaded only here. While the store is gone, its calls fail. */
export async function openLimitStore({ redisUrl, scope }: LimitPlace, { run, observe, patience }: LimitDeps): Promise<LimitStore> {
  const guard = { observe, callMs: CALL_MS * patience }
  if (redisUrl === null) return guardStore(openPostgresStore(run), guard)
  const { openRedisStore } = await import('./redis-store.ts')
  const prefix = `plinth:${createHash('sha256').update(scope).digest('base64url').slice(0, 12)}:`
  return guardStore(await openRedisStore(redisUrl, prefix), guard)
}
