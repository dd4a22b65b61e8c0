/** One way in which one caller could stop the others, as data: what it does, who else asks, and what those others are promised. */

import type { Database } from '../database/database.ts'
import type { Sample } from '../requests/request.ts'
import type { Seen, Stream } from './others.ts'

/** A served blog, and who takes part. */
export interface World {
  readonly port: number
  /** Process id of the server. */
  readonly pid: number
  readonly database: Database
  readonly sample: Sample
  /** The address of the caller who does harm. */
  readonly attacker: string
  /** Addresses of the others, in turn. */
  readonly other: (n: number) => string
}

/** What was measured: the others alone, and beside the attack. */
export interface Measured {
  readonly alone: Seen
  readonly beside: Seen
  /** The outcome of the attack itself, in words. */
  readonly attack: string
  /** Promises of the attack's own outcome that do not hold. */
  readonly broken: readonly string[]
}

export interface Scenario {
  readonly title: string
  readonly others: (world: World) => Stream
  /** Does the harm; resolves when it is over. */
  readonly attack: (world: World) => Promise<Pick<Measured, 'attack' | 'broken'>>
  /** What the others are promised, in words. */
  readonly promised: string
  /** Whether the promise holds. */
  readonly holds: (measured: Measured) => boolean
}
