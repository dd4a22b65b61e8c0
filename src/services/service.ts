/** The interface of a service of a backend. The migration and the hourly deletion of expired rows use it. */

import type { Run } from '../base/sql/statement.ts'
import type { DatabaseFunction, Table } from '../model/database.ts'
import type { Model } from '../model/model.ts'

/** What `sweep` needs. */
export interface SweepDeps {
  readonly run: Run
  /** Milliseconds since 1970, as `Date.now`. */
  readonly now: () => number
}

/** A part of a backend with its own tables in the schema `plinth`, such as sign-in and idempotent writes. */
export interface Service {
  /** The name of the service in observations. */
  readonly name: string
  /** Whether a backend of this model has the service. */
  readonly isUsedBy: (model: Model) => boolean
  /** Its tables in the schema `plinth`. They are migrated like the tables of a design. */
  readonly tables: readonly Table[]
  /** Functions of triggers in the schema `plinth`; absent for none. */
  readonly functions?: readonly DatabaseFunction[]
  /** Deletes expired rows, at most a few thousand per call, and returns their number. Zero means that no expired rows are left. */
  readonly sweep: (deps: SweepDeps) => Promise<number>
}
