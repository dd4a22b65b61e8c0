/** Which cases are asked, and in which order. */

import { suggest } from '../../../base/suggest.ts'
import type { NamedCase } from '../../../verify/cases/case.ts'
import { UsageError } from '../../terminal/usage-error.ts'

/** The number of an order; 1 unless given. @throws UsageError for a text that is no whole number. */
export function seedOf(text: string | undefined): number {
  if (text === undefined) return 1
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`--seed ${text} is not a whole number`, 'write up to nine digits: plinth verify --seed 7')
}

/** The questions whose names begin with a text. @param only undefined for all. */
export function chosen<Q extends NamedCase>(questions: readonly Q[], only: string | undefined): readonly Q[] {
  if (only === undefined) return questions
  return questions.filter(({ name }) => name === only || name.startsWith(`${only}/`) || name.startsWith(`${only}.`))
}

/** A part of the mutants of a run. */
export interface MutantPart {
  readonly number: number
  readonly of: number
}

/** `mutants/2-of-4`: every fourth mutant, from the second. Null for any other name. @throws UsageError if there is no such part. */
export function partOf(only: string | undefined): MutantPart | null {
  const [, first, second] = only?.match(/^mutants\/(\d{1,4})-of-(\d{1,4})$/) ?? []
  if (first === undefined || second === undefined) return null
  const part = { number: Number(first), of: Number(second) }
  if (part.number >= 1 && part.number <= part.of) return part
  throw new UsageError(`there is no part ${first} of ${second}`, 'count parts from 1: plinth verify --mutants --only mutants/1-of-4')
}

/** The error for a name that no case has. */
export function noSuchCase(questions: readonly NamedCase[], only: string): UsageError {
  const claims = [...new Set(questions.map(({ claim }) => claim))]
  const near = suggest(only, claims)
  // The first name of each family.
  const some = [...Map.groupBy(claims, (claim) => claim.split('/')[0])].map(([, own]) => own[0])
  return new UsageError(
    `no case is named ${only}${near === undefined ? '' : `, did you mean ${near}?`}`,
    `names begin like these: ${some.length === 0 ? 'access/' : some.join(', ')}`,
  )
}

/** Cases in an order that the seed decides, so that no case depends on another. */
export function shuffled<T>(cases: readonly T[], seed: number): readonly T[] {
  let state = seed
  const order = [...cases]
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const j = state % (i + 1)
    const [a, b] = [order[i], order[j]]
    if (a !== undefined && b !== undefined) [order[i], order[j]] = [b, a]
  }
  return order
}
