/** A mutant: one defect that is planted in the served backend. The oracle still judges by the design. */

import type { Predicate } from '../../model/expression.ts'
import type { Model } from '../../model/model.ts'
import type { TokenSigning } from '../cases/probe.ts'
import type { Answered } from '../expected/answered.ts'
import type { SentRequest } from '../run/stage.ts'
import type { MutantKind } from './kinds.ts'

/** A defect that is planted alone. */
export interface Mutant {
  /** Stable, with the path of the design in it: `mutants/atom-dropped/Post.read/published`. */
  readonly name: string
  readonly kind: MutantKind
  /** What the defective backend does, as a sentence. */
  readonly what: string
  /** The entity that the defect is about. A case that does not touch it cannot catch the mutant. */
  readonly entity: string
  /** The claims of the cases that are asked first. */
  readonly claims: readonly string[]
  /** The doors that have the defect. Only cases of the claims through these doors are asked. Null for all doors. */
  readonly doors: readonly string[] | null
  readonly plant: Plant
  /** The changed rule, for the proof that a survivor differs nowhere; null where there is no such proof. */
  readonly rule: ChangedRule | null
}

/** A rule of the model before and after the change, and the claim about it. */
export interface ChangedRule {
  readonly claim: string
  readonly before: Predicate
  readonly after: Predicate
  /** Whether both rules of an update are this one, and both are changed. */
  readonly both?: true
}

/** Where a defect is planted. */
export type Plant =
  /** In the compiled model. The tables are changed with it, so that a constraint of the database does not hide the defect. */
  | { readonly kind: 'model'; readonly change: (model: Model) => Model }
  /** In the database alone: statements that plant the defect, and those that remove it. */
  | { readonly kind: 'database'; readonly plant: readonly string[]; readonly remove: readonly string[] }
  /** In what the backend reads or answers. */
  | { readonly kind: 'exchange'; readonly open: (signing: TokenSigning | null) => AlteredExchange }

/** A change of requests before the backend reads them, and of answers before the caller gets them. */
export interface AlteredExchange {
  /** Asks in place of the backend, which `send` asks. */
  readonly ask?: (asked: SentRequest, send: (asked: SentRequest) => Promise<Answered>) => Promise<Answered>
  readonly request?: (asked: SentRequest) => SentRequest
  readonly answer?: (asked: SentRequest, answered: Answered) => Answered
}

/** What became of a mutant. */
export type Fate =
  /** A case noticed it: its name, and how many cases were asked until then. */
  | { readonly kind: 'caught'; readonly by: string; readonly cases: number }
  /** No case noticed it, and the oracle says the same in all states of a complete world. */
  | { readonly kind: 'equivalent'; readonly states: number }
  /** No case noticed it. `why` says what a proof or a case would need. */
  | { readonly kind: 'survived'; readonly cases: number; readonly why: string }
  /** No case touches it. */
  | { readonly kind: 'unreached'; readonly why: string }
  /** The backend did not start, crashed, or answered with a status from 500: no case can take credit for that. */
  | { readonly kind: 'broken'; readonly why: string }

/** A mutant and its fate. */
export interface JudgedMutant {
  readonly mutant: Mutant
  readonly fate: Fate
}

/** The beginning of the names of all mutants. */
export const MUTANTS = 'mutants'

/** Whether a name is one of mutants, and not of cases. */
export function isMutantName(name: string | null | undefined): boolean {
  return name === MUTANTS || name?.startsWith(`${MUTANTS}/`) === true
}
