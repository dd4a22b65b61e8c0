/** Finds the rows, and the sets of rows, that the expressions of an action use. */

import { STEP_ROW } from '../../../model/action.ts'
import type { Predicate, RowPath, RowSet, Term } from '../../../model/expression.ts'
import { type Visitor, visitPredicate } from '../../../model/tree.ts'

/** Makes a visitor. It calls `set` for each set of rows in an expression, and `row` for each other row whose fields the expression uses. */
export function setVisitor(set: (over: RowSet) => void, row: (path: RowPath, field: string) => void = () => {}): Visitor {
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
      } else if (t.kind === 'field' && !inner.has(t.row.binding)) row(t.row, t.field)
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

/** A row whose field, or one of whose relations (`field` is null), a condition uses. */
export interface UsedRow {
  readonly row: RowPath
  readonly field: string | null
  readonly lock: 'share' | 'update'
}

/** The rows that a condition reads, and those whose relations it uses. */
export function usedBy(condition: Predicate): readonly UsedRow[] {
  const used: UsedRow[] = []
  const addSet = ({ of, via }: RowSet): void => {
    if (via !== null) used.push({ row: of, field: null, lock: 'update' })
  }
  visitPredicate(
    condition,
    setVisitor(addSet, (row, field) => used.push({ row, field, lock: 'share' })),
  )
  return used
}

/** The row to which the rows of a step refer, if a condition says so: `room == input.room`. */
export function rowReferredTo(condition: Predicate): readonly RowPath[] {
  if (condition.kind !== 'compare' || condition.op !== '=') return []
  const { left, right } = condition
  if (left.kind !== 'field' || right.kind !== 'field') return []
  const [own, other] = left.row.binding === STEP_ROW ? [left, right] : [right, left]
  const isReference = own.row.binding === STEP_ROW && own.row.hops.length === 0 && other.row.binding !== STEP_ROW
  return isReference && other.field === 'id' ? [other.row] : []
}

/** Whether a condition looks at other rows than the one that it is about. */
export function looksElsewhere(condition: Predicate): boolean {
  return usedBy(condition).some(({ row, lock }) => lock === 'update' || row.hops.length > 0)
}
