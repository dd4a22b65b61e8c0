/** Iterates over the conditions and values inside a condition. */

import { unreachable } from '../../base/unreachable.ts'
import type { Predicate, Term } from '../../model/expression.ts'

/** The condition itself and all conditions within it, outermost first. */
export function* predicatesIn(predicate: Predicate): Generator<Predicate> {
  yield predicate
  for (const part of partsOf(predicate)) yield* predicatesIn(part)
  for (const term of termsOf(predicate)) for (const inner of predicatesOfTerm(term)) yield* predicatesIn(inner)
}

/** The values that stand directly in a condition. */
export function termsOf(predicate: Predicate): readonly Term[] {
  switch (predicate.kind) {
    case 'compare':
      return [predicate.left, predicate.right]
    case 'member':
      return [predicate.of, predicate.list]
    case 'text':
      return [predicate.of, predicate.with]
    case 'missing':
    case 'truth':
      return [predicate.of]
    case 'someItem':
    case 'everyItem':
      return [predicate.over]
    case 'const':
    case 'all':
    case 'any':
    case 'not':
    case 'choose':
    case 'some':
    case 'every':
    case 'holds':
    case 'can':
      return []
    default:
      return unreachable(predicate)
  }
}

function partsOf(predicate: Predicate): readonly Predicate[] {
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return predicate.of
    case 'not':
    case 'holds':
      return [predicate.of]
    case 'choose':
      return [predicate.test, predicate.yes, predicate.no]
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
      return [predicate.where]
    case 'const':
    case 'compare':
    case 'missing':
    case 'member':
    case 'truth':
    case 'text':
    case 'can':
      return []
    default:
      return unreachable(predicate)
  }
}

/** The value itself and all values within it. */
export function* termsIn(term: Term): Generator<Term> {
  yield term
  switch (term.kind) {
    case 'if':
      yield* termsIn(term.yes)
      yield* termsIn(term.no)
      return
    case 'list':
      for (const item of term.of) yield* termsIn(item)
      return
    case 'call':
      for (const arg of term.args) yield* termsIn(arg)
      return
    case 'literal':
    case 'null':
    case 'param':
    case 'field':
    case 'item':
    case 'auth':
    case 'input':
    case 'now':
    case 'count':
    case 'aggregate':
    case 'predicate':
      return
    default:
      return unreachable(term)
  }
}

function predicatesOfTerm(term: Term): readonly Predicate[] {
  return [...termsIn(term)].flatMap((part) => (part.kind === 'if' ? [part.test] : part.kind === 'predicate' ? [part.of] : []))
}
