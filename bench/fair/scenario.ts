/** One way in which one caller could stop the others, as data: the attack, the requests of the other callers, and the promise to them. */

import type { Database } from '../database/database.ts'
import type { Sample } from '../requests/request.ts'
import type { Seen, Stream } from './others.ts'

/** A served blog, and the addresses of its callers. */
export interface World {
  readonly port: number
  /** Process id of the server. */
  readonly pid: number
  readonly database: Database
  readonly sample: Sample
  /** The address of the attacker. */
  readonly attacker: string
  /** Addresses of the other callers, in turn. */
  readonly other: (n: number) => string
}

/** The measurements: the other callers alone, and during the attack. */
export interface Measured {
  readonly alone: Seen
  readonly beside: Seen
  /** The outcome of the attack itself, in words. */
  readonly attack: string
  /** Broken promises about the outcome of the attack itself. */
  readonly broken: readonly string[]
}

export interface Scenario {
  readonly title: string
  readonly others: (world: World) => Stream
  /** Runs the attack; resolves when it is over. */
  readonly attack: (world: World) => Promise<Pick<Measured, 'attack' | 'broken'>>
  /** The promise to the other callers, in words. */
  readonly promised: string
  /** Whether the promise holds. */
  readonly holds: (measured: Measured) => boolean
}
