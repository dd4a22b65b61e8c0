/** Finds updates in which several elements of `each` change one row. Only additions can be combined then. */

import { type Assignment, STEP_ROW, type UpdateStep } from '../../model/action.ts'
import type { RowPath, Term } from '../../model/expression.ts'
import { visitTerm } from '../../model/tree.ts'
import type { LogicContext } from './logic-context.ts'
import type { StepPlace } from './step-place.ts'

/** Reports values that two elements could give to one row, unless they are additions or the same for all elements. */
export function reportSharedRow({ each, target, set, entity }: UpdateStep, place: StepPlace): void {
  if (each === null || target.kind !== 'row' || each.over.kind !== 'rows') return
  if (leadsApart(target.row, each.name, { rows: each.over.rows, context: place.context })) return
  for (const { field, value } of set) {
    if (isAddition({ field, value }) || !dependsOn(value, [each.name, STEP_ROW])) continue
    place.context.report.add(
      'PLN-D509',
      [...place.at, field],
      `two elements of ${each.name} may lead to the same ${entity}, and ${field} would keep the value of one of them`,
      `write an addition, such as ${field} + …: additions are summed`,
    )
  }
}

/** Whether no two elements lead to the same row: the row is the element itself, or a unique constraint excludes it. */
function leadsApart(
  row: RowPath,
  name: string,
  {
    rows,
    context,
  }: { readonly rows: Extract<NonNullable<UpdateStep['each']>['over'], { kind: 'rows' }>['rows']; readonly context: LogicContext },
): boolean {
  if (row.binding !== name || row.hops.length > 1) return false
  const [hop] = row.hops
  if (hop === undefined) return true
  const via = rows.kind === 'set' ? rows.set.via : null
  const uniques = context.entities.get(row.root)?.uniques ?? []
  return uniques.some(({ fields }) => fields.includes(hop.field) && fields.every((field) => field === hop.field || field === via))
}

/** `stock - i.quantity`, `quantity + n`: the field itself, changed by an amount that does not depend on it. */
export function isAddition({ field, value }: Pick<Assignment, 'field' | 'value'>): boolean {
  if (value.kind !== 'call' || (value.name !== 'add' && value.name !== 'subtract')) return false
  const [left, right] = value.args
  if (left === undefined || right === undefined) return false
  if (isField(left, field)) return !dependsOn(right, [STEP_ROW])
  return value.name === 'add' && isField(right, field) && !dependsOn(left, [STEP_ROW])
}

function isField(term: Term, field: string): boolean {
  return term.kind === 'field' && term.field === field && term.row.binding === STEP_ROW && term.row.hops.length === 0
}

function dependsOn(value: Term, bindings: readonly string[]): boolean {
  let depends = false
  visitTerm(value, {
    term: (term) => {
      if (term.kind === 'field' && bindings.includes(term.row.binding)) depends = true
      if ((term.kind === 'count' || term.kind === 'aggregate') && bindings.includes(term.over.of.binding)) depends = true
    },
    predicate: (predicate) => {
      if ((predicate.kind === 'some' || predicate.kind === 'every') && bindings.includes(predicate.over.of.binding)) depends = true
    },
  })
  return depends
}
