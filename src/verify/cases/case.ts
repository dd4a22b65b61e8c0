/** A question to the backend, with its stable name. */

import type { AbstractRequest } from '../expected/abstract-request.ts'
import type { Api } from './doors.ts'

/** A question to the backend. */
export interface Case {
  /** Stable: it consists of paths of the design and no numbers. */
  readonly name: string
  readonly claim: string
  readonly door: string
  readonly api: Api
  /** Id of the account that asks; null for an anonymous caller. */
  readonly user: string | null
  readonly request: AbstractRequest
  /** What the case shows: values of atoms that decide, other rules that it tells apart, or the label of a value. */
  readonly goals: readonly string[]
  /** The truth of each atom in this state; empty for a case about a value. */
  readonly atoms: Readonly<Record<string, boolean | null>>
  /** The field whose value must be refused, whatever else is in the body. */
  readonly refused?: string
}
