/** Whether PostgreSQL can compute an expression from the columns of its row: in a column of the table, or in a check of it. */

import type { Predicate, Term } from './expression.ts'
import { type Visitor, visitPredicate, visitTerm } from './tree.ts'

/**
 * Whether a value depends on the fields of its own row alone: not on other rows, the caller, the clock or a request. A value for which the
 * items of a list are examined one by one does not count, because this needs a query.
 */
export function isOfOwnRow(term: Term): boolean {
  return answers((visitor) => visitTerm(term, visitor))
}

/** The same for a condition. */
export function isAboutOwnRow(predicate: Predicate): boolean {
  return answers((visitor) => visitPredicate(predicate, visitor))
}

const OF_QUERIES: readonly Predicate['kind'][] = ['some', 'every', 'someItem', 'everyItem', 'can']

function answers(visit: (visitor: Visitor) => void): boolean {
  let own = true
  visit({
    term: (term) => {
      if (dependsOnOthers(term)) own = false
    },
    predicate: ({ kind }) => {
      if (OF_QUERIES.includes(kind)) own = false
    },
  })
  return own
}

function dependsOnOthers(term: Term): boolean {
  if (term.kind === 'field') return term.row.hops.length > 0 || term.row.binding !== 'row'
  if (term.kind === 'call') return isFresh(term)
  return ['auth', 'now', 'input', 'param', 'count', 'aggregate', 'aggregateItems'].includes(term.kind)
}

/** Whether a value has a part that is new at each use: a UUID, or random letters. */
export function isFresh(value: Term): boolean {
  let fresh = false
  visitTerm(value, { term: (term) => (fresh ||= term.kind === 'call' && (term.name === 'uuid' || term.name === 'random')) })
  return fresh
}

/** Whether a value uses the field `name` of the new row. */
export function usesNewField(value: Term, name: string): boolean {
  let uses = false
  visitTerm(value, {
    term: (term) => {
      if (term.kind === 'field' && term.row.binding === 'row') uses ||= (term.row.hops[0]?.field ?? term.field) === name
    },
  })
  return uses
}
