/** The review of the code of a project, as a part of the report. */

/** The checks of the review. */
export type ReviewCheck = 'plan' | 'types' | 'linter' | 'logic' | 'costs'

/** Something that a reviewer would say. */
export interface ReviewFinding {
  readonly check: ReviewCheck
  /** `PLN-D414`, `TS2322`, `lint/suspicious/noExplicitAny`, `slow-code`. */
  readonly name: string
  readonly level: 'error' | 'warning' | 'note'
  /** The path in the design; empty for a place in a file of code. */
  readonly path: string
  /** The file, relative to the folder of the design; null for a part of the design. */
  readonly file: string | null
  readonly line: number | null
  readonly what: string
  /** What to do. */
  readonly fix: string
}

/** What a check has looked at. */
export interface ReviewedPart {
  readonly check: ReviewCheck
  /** Of what it looked at, in words: `2 files`. */
  readonly looked: string
  /** Why it was left out; null if it was done. */
  readonly why: string | null
}

/** The part of a report about the code. */
export interface CodeReview {
  readonly parts: readonly ReviewedPart[]
  readonly findings: readonly ReviewFinding[]
  /** What each piece of code has cost in its requests: the fastest run, and the one with the most statements. */
  readonly costs: readonly { readonly code: string; readonly runs: number; readonly ms: number; readonly statements: number }[]
}
