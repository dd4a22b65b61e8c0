/** Finds checks that look further than the to-many relations of their row. */

import type { Predicate, RowPath, RowSet } from '../../model/expression.ts'
import { visitPredicate } from '../../model/tree.ts'
import { quote, type ReportPlace } from '../findings/report.ts'

/** Reports a check that looks at rows two relations away, or along a reference: a lock of the row does not keep these from changing. */
export function reportFarCheck(name: string, rule: Predicate, { at, report }: ReportPlace): void {
  let far = false
  const note = (row: RowPath): void => {
    if (row.hops.length > 0) far = true
  }
  const noteSet = ({ of }: RowSet): void => {
    if (of.hops.length > 0 || of.binding !== 'row') far = true
  }
  visitPredicate(rule, {
    term: (term) => {
      if (term.kind === 'field') note(term.row)
      else if (term.kind === 'count' || term.kind === 'aggregate') noteSet(term.over)
    },
    predicate: (predicate) => {
      if (predicate.kind === 'some' || predicate.kind === 'every') noteSet(predicate.over)
      else if (predicate.kind === 'can') far = true
    },
  })
  if (far)
    report.add(
      'PLN-D527',
      at,
      `check ${quote(name)} looks further than the to-many relations of its row`,
      'write the rule of the rows themselves',
    )
}
