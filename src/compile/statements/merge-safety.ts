/**
 * Finds the writes that cannot be merged with others of the same plan. All parts of a statement see the database as it was before
 * the statement (PostgreSQL documentation, section 7.8.4), so a rule about rows that the statement itself writes would not see the
 * other calls: ten calls that each find nine rows would all pass a rule that allows ten. Such calls run singly, and the rows that
 * they show are read after the write.
 */

import { unreachable } from '../../base/unreachable.ts'
import type { Predicate } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import { type CreatePlan, computes, type DeletePlan, type Output, type UpdatePlan, type WrittenField } from './plan.ts'
import { rowsRead, rowsShown } from './reads.ts'

/** Whether the rules of one call may depend on rows that another call of the same plan writes. */
export function dependsOnOthers(model: Model, plan: CreatePlan | UpdatePlan | DeletePlan): boolean {
  const written = entitiesWritten(model, plan)
  return rulesOf(plan).some((rule) => overlap(rowsRead(model, rule), written)) || changesOwnReference(plan)
}

/**
 * Whether an answer shows, or depends on, rows of the entity other than the written row, or rows that the same request may create after it.
 */
export function showsOthers(model: Model, entity: Entity, answer: { readonly visible: Predicate; readonly output: Output }): boolean {
  const written = new Set([entity.name])
  return computes(answer.output) || overlap(rowsShown(model, answer.output), written) || overlap(rowsRead(model, answer.visible), written)
}

function rulesOf(plan: CreatePlan | UpdatePlan | DeletePlan): readonly Predicate[] {
  switch (plan.kind) {
    case 'create':
      return [plan.allowed, ...plan.fields.flatMap(fieldRules)]
    case 'update':
      return [plan.readable, plan.from, plan.to, ...plan.fields.flatMap(fieldRules)]
    case 'delete':
      return [plan.readable, plan.allowed]
    default:
      return unreachable(plan)
  }
}

function fieldRules({ write, target }: WrittenField): readonly Predicate[] {
  return target === null ? [write] : [write, target.visible]
}

/**
 * Whether the plan changes a reference to a row of the same entity. The caller's right to read that row can change with it. (A new row
 * refers only to existing rows, and a creation changes none of them.)
 */
function changesOwnReference(plan: CreatePlan | UpdatePlan | DeletePlan): boolean {
  return plan.kind === 'update' && plan.fields.some(({ target }) => target?.entity.name === plan.entity.name)
}

/** The entity of the plan, and the entities whose rows a deletion also deletes or changes. */
function entitiesWritten(model: Model, { kind, entity }: CreatePlan | UpdatePlan | DeletePlan): ReadonlySet<string> {
  const written = new Set([entity.name])
  if (kind !== 'delete' || entity.softDelete) return written
  const gone = [entity.name]
  for (let name = gone.pop(); name !== undefined; name = gone.pop()) {
    for (const other of model.entities) {
      for (const { type } of other.fields) {
        if (type.kind !== 'ref' || type.entity !== name || type.onDelete === 'restrict') continue
        if (type.onDelete === 'cascade' && !written.has(other.name)) gone.push(other.name)
        written.add(other.name)
      }
    }
  }
  return written
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((name) => b.has(name))
}
