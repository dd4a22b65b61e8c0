/** Reads the rows of a write statement and turns a refusal of the rules into its failure. */

import { Failure, type FieldProblem, failure, invalid } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Row } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { guardedUniques } from '../../compile/statements/hidden-login.ts'
import type { CreatePlan, DeletePlan, UpdatePlan, WritePlan, WrittenField } from '../../compile/statements/plan.ts'
import { readCreated, readDeleted, readUpdated, type WrittenRow } from '../../compile/statements/row-columns.ts'
import { noSumMessage } from '../../compile/statements/sum-sql.ts'
import { OWN_ANCESTOR, uniqueFact } from '../../compile/tables/tables.ts'
import type { Entity, Field } from '../../model/model.ts'
import { type Batch, denied, type PlanContext } from '../plan/planning.ts'
import { takenFailure } from '../run/database-failure.ts'

/**
 * Judges the rows of a write. It throws unless every row was written.
 *
 * @param rows the rows of the statement, in the order of the calls.
 * @returns one row per call.
 * @throws Failure `forbidden`, `validation_failed`, `not_found` or `stale_version`.
 */
export function judgeWrite(context: PlanContext, { plan, pointers }: Batch<WritePlan>, rows: readonly Row[]): readonly WrittenRow[] {
  switch (plan.kind) {
    case 'create':
      return judgeCreated(context, plan, { rows, pointers })
    case 'update':
      return [judgeUpdated(context, plan, rows[0])]
    case 'delete':
      return [judgeDeleted(context, plan, rows[0])]
    default:
      return unreachable(plan)
  }
}

/** Whether a create that tolerates taken values (`unlessTaken`) inserted no row, because another row has one of the values. */
export function isTaken({ plan }: Batch<WritePlan>, rows: readonly WrittenRow[]): boolean {
  return plan.kind === 'create' && plan.unlessTaken === true && rows.some(({ id }) => id === null)
}

function judgeCreated(
  context: PlanContext,
  plan: CreatePlan,
  { rows, pointers }: { readonly rows: readonly Row[]; readonly pointers: readonly string[] },
): readonly WrittenRow[] {
  const created = rows.map(readCreated)
  // References are judged before the rule. The rule may read the referenced row, so its decision could show that a hidden row exists.
  const problems = created.flatMap(({ unresolved }, i) => problemsOf(plan.fields, unresolved, pointers[i] ?? ''))
  if (problems.length > 0) throw invalid(problems)
  for (const row of created) {
    if (!row.allowed) throw denied(context, plan.entity, 'create')
    const [field] = row.denied
    if (field !== undefined) throw denied(context, plan.entity, 'create', field)
  }
  const { hiddenLogin } = plan
  const taken = created[0]?.taken ?? null
  if (hiddenLogin !== undefined && taken !== null) throw takenBy(plan, hiddenLogin, taken)
  const large = created.findIndex(({ fits }) => !fits)
  if (large >= 0) throw rowTooLarge(plan.entity, pointers[large] ?? '')
  return created
}

/** The failure of a new account when another row has one of its unique values, other than the login. */
function takenBy(plan: CreatePlan, login: Field, position: number): Failure {
  const unique = guardedUniques(plan.entity, login)[position]
  if (unique === undefined) throw new Error('the statement names a constraint that the entity has')
  return takenFailure(uniqueFact(plan.entity, unique), plan, { at: '', note: `create ${plan.entity.name}: taken` })
}

function judgeUpdated(context: PlanContext, plan: UpdatePlan, row: Row | undefined): WrittenRow {
  const updated = row === undefined ? null : readUpdated(row)
  if (updated === null || !updated.readable) throw failure('not_found', { entity: plan.entity.name })
  if (!updated.allowed) throw denied(context, plan.entity, 'update')
  if (!updated.fresh) throw failure('stale_version', { entity: plan.entity.name })
  // As in a create, references are judged before the rule on the row after the write.
  const problems = problemsOf(plan.fields, updated.unresolved, '')
  if (problems.length > 0) throw invalid(problems)
  const [field] = updated.denied
  if (field !== undefined) throw denied(context, plan.entity, 'update', field)
  if (updated.settled && !updated.fits) throw rowTooLarge(plan.entity, '')
  // The statement locks the row, checks it and writes it, so a row that passes every check was written.
  if (!updated.settled) throw denied(context, plan.entity, 'update')
  // This check is last, so that only a caller who may make the change learns how rows are related.
  const [circle] = updated.circular
  if (circle !== undefined) throw circular(plan.entity, circle)
  return updated
}

function judgeDeleted(context: PlanContext, plan: DeletePlan, row: Row | undefined): WrittenRow {
  const deleted = row === undefined ? null : readDeleted(row)
  if (deleted === null || !deleted.readable) throw failure('not_found', { entity: plan.entity.name })
  if (!deleted.allowed) throw denied(context, plan.entity, 'delete')
  if (!deleted.fresh) throw failure('stale_version', { entity: plan.entity.name })
  return deleted
}

/** The failure of a row that would become its own ancestor by a reference. */
export function circular({ name }: Pick<Entity, 'name'>, field: string): Failure {
  const { detail } = failure('circular_reference', { entity: name, field })
  return new Failure('circular_reference', detail, { errors: [{ pointer: `/${field}`, rule: 'acyclic', message: OWN_ANCESTOR }] })
}

/** The failure of a row that would be too large after the write. */
function rowTooLarge({ name }: Entity, pointer: string): Failure {
  const { detail } = failure('row_too_large', { entity: name, limit: LIMITS.rowBytes })
  return new Failure('row_too_large', detail, {
    errors: [{ pointer, rule: 'rowBytes', message: `may have at most ${LIMITS.rowBytes} bytes` }],
  })
}

const NO_PROBLEMS: readonly FieldProblem[] = []

/** The problems of unresolved fields: references to rows that the caller may not read, and increments of a missing number. */
function problemsOf(written: readonly WrittenField[], names: readonly string[], at: string): readonly FieldProblem[] {
  if (names.length === 0) return NO_PROBLEMS
  const added = new Map(written.flatMap(({ field, change }) => (change === 'add' ? [[field.name, field] as const] : [])))
  return names.map((name) => {
    const field = added.get(name)
    return { pointer: `${at}/${name}`, ...(field === undefined ? NO_TARGET : { rule: 'increment', message: noSumMessage(field) }) }
  })
}

const NO_TARGET = { rule: 'reference', message: 'refers to nothing that you may read' } as const
