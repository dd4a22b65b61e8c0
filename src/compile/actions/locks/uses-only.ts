/** Which rows an expression uses. */

import type { Predicate, Term } from '../../../model/expression.ts'
import { type Visitor, visitPredicate, visitTerm } from '../../../model/tree.ts'

/** Tests expressions for the rows that they use. */
export interface Using {
  readonly names: ReadonlySet<string>
  readonly predicate: (p: Predicate) => boolean
  readonly term: (t: Term) => boolean
}

/** Tests whether an expression uses no other rows than those of the names, no relations of them, and nothing random. */
export function usesOnly(names: ReadonlySet<string>): Using {
  const visitor = (refuse: () => void): Visitor => ({
    predicate: (p) => {
      if (p.kind === 'some' || p.kind === 'every' || p.kind === 'can') refuse()
    },
    term: (t) => {
      if (t.kind === 'count' || t.kind === 'aggregate') refuse()
      // The value of a field is in several places of the statement, and each place would make a different value.
      if (t.kind === 'call' && (t.name === 'uuid' || t.name === 'random')) refuse()
      if (t.kind === 'field' && (t.row.hops.length > 0 || !names.has(t.row.binding))) refuse()
    },
  })
  const holds = (visit: (visitor: Visitor) => void): boolean => {
    let fits = true
    visit(
      visitor(() => {
        fits = false
      }),
    )
    return fits
  }
  return { names, predicate: (p) => holds((v) => visitPredicate(p, v)), term: (t) => holds((v) => visitTerm(t, v)) }
}
