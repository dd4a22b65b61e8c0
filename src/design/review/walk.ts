/** Iterates over the conditions and values inside a condition. */

import type { Predicate, Term } from '../../model/expression.ts'
import { mapPredicate, mapTerm, type Parts } from '../../model/tree.ts'

/** The condition itself and all conditions within it, outermost first. */
export function* predicatesIn(predicate: Predicate): Generator<Predicate> {
  yield predicate
  const { predicates, terms } = directParts((parts) => mapPredicate(predicate, parts))
  for (const part of predicates) yield* predicatesIn(part)
  for (const term of terms.flatMap((part) => [...termsIn(part)]))
    for (const inner of directParts((parts) => mapTerm(term, parts)).predicates) yield* predicatesIn(inner)
}

/** The values that stand directly in a condition. */
export function termsOf(predicate: Predicate): readonly Term[] {
  return directParts((parts) => mapPredicate(predicate, parts)).terms
}

/** The value itself and all values within it, without those in conditions. */
export function* termsIn(term: Term): Generator<Term> {
  yield term
  for (const inner of directParts((parts) => mapTerm(term, parts)).terms) yield* termsIn(inner)
}

/** The conditions and values that `visit` passes to its argument. */
function directParts(visit: (parts: Parts) => void): { readonly predicates: readonly Predicate[]; readonly terms: readonly Term[] } {
  const predicates: Predicate[] = []
  const terms: Term[] = []
  visit({
    predicate: (part) => {
      predicates.push(part)
      return part
    },
    term: (part) => {
      terms.push(part)
      return part
    },
    row: (row) => row,
  })
  return { predicates, terms }
}
