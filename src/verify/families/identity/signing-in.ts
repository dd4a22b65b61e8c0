/** What the probes about signing in have in common. */

import type { Entity, IdentityModel } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'

/** The password of all accounts of a world. */
export const SAMPLE_PASSWORD = 'Sample-Passphrase-10'

/** A design in which accounts sign in. */
export interface SigningIn {
  readonly asking: PlannedWorld
  readonly entity: Entity
  readonly identity: IdentityModel
  /** The address of the operations: `/api/auth`. */
  readonly at: string
  /** The login of an account. */
  readonly loginOf: (account: string) => string
}
