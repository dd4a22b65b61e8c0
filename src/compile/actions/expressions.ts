/** Finds the rows, and the sets of rows, that the expressions of an action use. */

import type { Predicate, RowPath, RowSet, Term } from '../../model/expression.ts'
import { type Visitor, visitPredicate } from '../../model/tree.ts'

/** Makes a visitor. It calls `set` for each set of rows in an expression, and `row` for each other row whose fields the expression uses. */
export function setVisitor(set: (over: RowSet) => void, row: (path: RowPath) => void = () => {}): Visitor {
  const inner = new Set<string>()
  return {
    predicate(p: Predicate): void {
      if (p.kind !== 'some' && p.kind !== 'every') return
      inner.add(p.as)
      set(p.over)
    },
    term(t: Term): void {
      if (t.kind === 'count' || t.kind === 'aggregate') {
        inner.add(t.as)
        set(t.over)
      } else if (t.kind === 'field' && !inner.has(t.row.binding)) row(t.row)
    },
  }
}

/** The rows whose fields a condition uses, without the rows of the sets in it. */
export function rowsNamedIn(condition: Predicate): readonly RowPath[] {
  const found: RowPath[] = []
  visitPredicate(
    condition,
    setVisitor(
      () => {},
      (row) => found.push(row),
    ),
  )
  return found
}
