/** What the statement of a write says of its rows: the verdict of the rules, as the failure that it amounts to. */

import { type FieldProblem, failure, invalid } from '../../base/failure.ts'
import type { Row } from '../../base/sql/statement.ts'
import type { DeletePlan, UpdatePlan, WrittenField } from '../../compile/statements/plan.ts'
import { noSumMessage } from '../../compile/statements/sum-sql.ts'
import { type Batch, denied, type PlanContext } from '../plan/planning.ts'

/** Rows in the order of their calls. */
export function inOrder(rows: readonly Row[]): readonly Row[] {
  return rows.length < 2 ? rows : rows.toSorted((a, b) => Number(a[0]) - Number(b[0]))
}

/** The row of a creation that gives way was allowed and not created: another has one of its values. */
export function isTaken({ plan }: Batch, rows: readonly Row[]): boolean {
  if (plan.kind !== 'create' || plan.unlessTaken !== true) return false
  return rows.some(([, allowed, deniedFields, missing, id]) => {
    return allowed === 't' && namesOf(deniedFields).length === 0 && namesOf(missing).length === 0 && id === null
  })
}

/** Every row was created. `rows` are in order. @throws Failure `forbidden` or `validation_failed`. */
export function judgeCreated(context: PlanContext, batch: Batch, rows: readonly Row[]): void {
  const { plan, pointers } = batch
  if (plan.kind !== 'create') throw new Error(`${plan.kind} creates nothing`)
  // First of all: a rule may look at the row referred to, so its verdict would tell a hidden row from one that is not there.
  const problems = rows.flatMap((row, i) => unresolved(plan.fields, namesOf(row[3]), pointers[i] ?? ''))
  if (problems.length > 0) throw invalid(problems)
  for (const [, allowed, deniedFields] of rows) {
    if (allowed !== 't') throw denied(context, plan.entity, 'create')
    const [field] = namesOf(deniedFields)
    if (field !== undefined) throw denied(context, plan.entity, 'create', field)
  }
}

/** The row was changed. @throws Failure `not_found`, `forbidden`, `stale_version` or `validation_failed`. */
export function judgeUpdated(context: PlanContext, plan: UpdatePlan, row: Row | undefined): asserts row is Row {
  if (row === undefined || row[1] !== 't') throw failure('not_found', { what: plan.entity.name })
  const [, , allowed, fresh, deniedFields, missing, settled] = row
  if (allowed !== 't') throw denied(context, plan.entity, 'update')
  if (fresh !== 't') throw failure('stale_version', { entity: plan.entity.name })
  // Before any verdict on the row after the write, as in a create.
  const problems = unresolved(plan.fields, namesOf(missing), '')
  if (problems.length > 0) throw invalid(problems)
  const [field] = namesOf(deniedFields)
  if (field !== undefined) throw denied(context, plan.entity, 'update', field)
  // Locked and judged by the same statement, a row with a good verdict was written.
  if (settled !== 't') throw denied(context, plan.entity, 'update')
}

/** The row was deleted. @throws Failure `not_found`, `forbidden` or `stale_version`. */
export function judgeDeleted(context: PlanContext, plan: DeletePlan, row: Row | undefined): void {
  if (row === undefined || row[1] !== 't') throw failure('not_found', { what: plan.entity.name })
  if (row[2] !== 't') throw denied(context, plan.entity, 'delete')
  if (row[3] !== 't') throw failure('stale_version', { entity: plan.entity.name })
}

function namesOf(json: string | null | undefined): readonly string[] {
  return json === null || json === undefined || json === '[]' ? [] : JSON.parse(json)
}

/** Values that lead nowhere: references to no row that the caller may read, amounts with nothing to add them to. */
function unresolved(written: readonly WrittenField[], names: readonly string[], at: string): readonly FieldProblem[] {
  if (names.length === 0) return []
  const added = new Map(written.flatMap(({ field, change }) => (change === 'add' ? [[field.name, field] as const] : [])))
  return names.map((name) => {
    const field = added.get(name)
    return { pointer: `${at}/${name}`, ...(field === undefined ? NO_TARGET : { rule: 'increment', message: noSumMessage(field) }) }
  })
}

const NO_TARGET = { rule: 'reference', message: 'refers to nothing that you may read' } as const
