/** What a family of cases promises about one part of a design. */

import type { Case } from './case.ts'
import type { ProbeCase } from './probe.ts'

/** A claim with its denominator: everything that it is about, whether a case shows it or not. */
export interface FamilyPlan {
  /** `lists/Post`; the first part is the family. */
  readonly id: string
  /** What is promised, as a sentence. */
  readonly claim: string
  /** The part of the design. */
  readonly path: readonly string[]
  /** Where the expectation comes from. */
  readonly oracle: string
  /** How it is asked. */
  readonly text: string
  readonly what: FamilyUnit
  /** What cases show. */
  readonly asked: readonly string[]
  /** What nothing can show, for example orders of values that are never missing. */
  readonly impossible: readonly string[]
  /** What no case shows, although the design has it. The report says why. */
  readonly untested: readonly string[]
}

/** What the claims of a family count. */
export type FamilyUnit =
  | 'values'
  | 'answers'
  | 'orders and pages'
  | 'references and deletes'
  | 'races'
  | 'kinds of sign-in'
  | 'conditions and states'
  | 'steps and conditions'
  | 'writes and their events'
  | 'declared indexes'
  | 'attacks'
  | 'reads'
  | 'messages'
  | 'calls'

/** One part of a design with its cases. */
export interface PlannedFamily {
  readonly plan: FamilyPlan
  readonly cases: readonly Case[]
  readonly probes: readonly ProbeCase[]
}

/** A part of the design without cases, with the reason. */
export interface LeftOut {
  readonly what: string
  readonly why: string
}
