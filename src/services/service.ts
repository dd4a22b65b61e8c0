/** What every service of a backend brings: the part of it that the migration and the hourly cleaning read. */

import type { Run } from '../base/sql/statement.ts'
import type { Table } from '../model/database.ts'
import type { Model } from '../model/model.ts'

/** What deleting expired rows needs. */
export interface SweepDeps {
  readonly run: Run
  /** Milliseconds since 1970, as `Date.now`. */
  readonly now: () => number
}

/** A part of a backend that keeps rows of its own in the schema `plinth`: sign-in, idempotent writes. */
export interface Service {
  /** Names it in observations. */
  readonly name: string
  /** Whether a backend of this model has it. */
  readonly isUsedBy: (model: Model) => boolean
  /** What it keeps, for the schema `plinth`. Migrated like the tables of a design. */
  readonly tables: readonly Table[]
  /** Deletes some of what has expired, at most a few thousand rows a call; returns how many. Zero: nothing more has expired. */
  readonly sweep: (deps: SweepDeps) => Promise<number>
}
