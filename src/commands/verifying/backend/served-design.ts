/** What a run of verify serves. */

import type { Model } from '../../../model/model.ts'
import type { Environment } from '../../terminal/environment.ts'

/** A design, and how it is served. */
export interface ServedDesign {
  readonly model: Model
  /** The absolute path of the design. */
  readonly design: string
  /** The folder of the design. */
  readonly folder: string
  /** The address of a database on a server whose role may create databases; null for an embedded server. */
  readonly databaseUrl: string | null
  readonly env: Environment
  readonly cwd: string
  readonly program: readonly string[]
}
