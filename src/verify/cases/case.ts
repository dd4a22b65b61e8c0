/** A question to the backend, with its stable name. */

import type { AbstractRequest } from '../expected/abstract-request.ts'
import type { Api } from './doors.ts'

/** What every question has. */
export interface NamedCase {
  /** Stable: it consists of paths of the design and no numbers of rows. */
  readonly name: string
  readonly claim: string
  readonly door: string
  /** Id of the account that asks; null for an anonymous caller. */
  readonly user: string | null
  /** What the case shows: values of atoms that decide, other rules that it tells apart, or the label of a value. */
  readonly goals: readonly string[]
  /** The truth of each atom in this state; empty for a case that is about no rule. */
  readonly atoms: Readonly<Record<string, boolean | null>>
}

/** A question that one request asks. The reference knows its answer. */
export interface Case extends NamedCase {
  readonly api: Api
  readonly request: AbstractRequest
  /** The field whose value must be refused, whatever else is in the body. */
  readonly refused?: string
  /** The design declares an index for this list, so that it must not be refused for want of one. */
  readonly served?: true
  /** Hooks run in this write. Where they answer otherwise than the rules alone, the case says nothing. */
  readonly hooked?: true
}
