/** What mutants are served with: a database of their own, and backends in this process. */

import type { Model } from '../../model/model.ts'
import type { Stage } from '../run/stage.ts'

/** A backend that serves one model until it is closed. */
export interface ServedMutant extends Pick<Stage, 'ask' | 'takeDefects'> {
  readonly close: () => Promise<void>
}

/** A database, and the backends on it. */
export interface Bench extends Pick<Stage, 'databaseUrl' | 'tokenFor' | 'signing'> {
  /** Opens a backend of a model. @throws an error if it does not start. */
  readonly serve: (model: Model) => Promise<ServedMutant>
  /** The statements that give the tables of one model the form of another one; none where they are alike. */
  readonly statementsBetween: (from: Model, to: Model) => readonly string[]
}
