/** Whether an expression depends on its own row alone. */

import type { Predicate, Term } from './expression.ts'
import { isFresh } from './fresh-value.ts'
import { type Visitor, visitPredicate, visitTerm } from './tree.ts'

/** Whether a value depends on the fields of its own row alone: not on other rows, the caller, the clock or a request. */
export function isOfOwnRow(term: Term): boolean {
  return answers((visitor) => visitTerm(term, visitor))
}

/** The same for a condition. */
export function isAboutOwnRow(predicate: Predicate): boolean {
  return answers((visitor) => visitPredicate(predicate, visitor))
}

function answers(visit: (visitor: Visitor) => void): boolean {
  let own = true
  visit({
    term: (term) => {
      if (dependsOnOthers(term)) own = false
    },
    predicate: ({ kind }) => {
      if (kind === 'some' || kind === 'every' || kind === 'can') own = false
    },
  })
  return own
}

function dependsOnOthers(term: Term): boolean {
  if (term.kind === 'field') return term.row.hops.length > 0 || term.row.binding !== 'row'
  if (term.kind === 'call') return isFresh(term)
  return ['auth', 'now', 'input', 'param', 'count', 'aggregate'].includes(term.kind)
}
