/** One run of a hook, as data. */

import type { Runner } from '../../base/sql/statement.ts'
import type { Caller } from '../../model/caller.ts'
import type { Entity, Hook } from '../../model/model.ts'

/** JSON values by field name. */
export type JsonRow = Readonly<Record<string, unknown>>

/** A run of a hook that is due. */
export interface HookCall {
  readonly entity: Entity
  readonly hook: Hook
  readonly caller: Caller
  /** A runner in the transaction of the write. */
  readonly runner: Runner
  /** The moment at which the transaction began. */
  readonly now: Date
  /** What the code gets besides what all code gets. */
  readonly about: HookSubject
}

/** The row that a hook is about. Passwords are in no part of it. */
export interface HookSubject {
  /** The values that are written, unless the row is deleted. */
  readonly input?: JsonRow
  /** The row as it is at that moment: absent before it is created. */
  readonly row?: JsonRow
  /** After an update: the row as it was. */
  readonly before?: JsonRow
}

/** What a hook has returned. */
export interface RanHook {
  /** The values that it sets, by field; null for none. */
  readonly changes: JsonRow | null
  /** Runs the follow-ups of its own writes. Call it after the commit. @throws Failure when the database fails; the writes stay. */
  readonly after: () => Promise<void>
}
