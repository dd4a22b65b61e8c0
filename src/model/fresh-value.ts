/** Values that are new at each use. */

import type { Term } from './expression.ts'
import { visitTerm } from './tree.ts'

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
