/** Resolves the steps that write: `create`, `ensure`, `update` and `delete`. */

import type { Assignment, CreateStep, DeleteStep, EnsureStep, UpdateStep } from '../../model/action.ts'
import type { Entity, Field } from '../../model/model.ts'
import type { CreateDesign, DeleteDesign, EnsureDesign, UpdateDesign } from '../authoring/logic-design.ts'
import { either } from '../findings/report.ts'
import { assignmentsOf } from './assignments.ts'
import { entityAt, rowNamed, whereAt } from './logic-context.ts'
import { targetAt } from './rows.ts'
import { reportSharedRow } from './shared-rows.ts'
import type { ResolvedStep, StepStart } from './step-place.ts'
import { part, reportMissing, reportMissingValues, rowsNamed, type StepPlace } from './step-place.ts'

/** Resolves `create`. */
export function createStep(design: CreateDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const entity = entityAt(part(place, 'create'), design.create)
  if (entity === null) return null
  const set = assignmentsOf(design.set, { entity, isNew: true, inputs: place.actionInputs }, part(place, 'set'))
  reportLeftOut(entity, set, part(place, 'create'))
  reportMissingValues(set, entity, part(place, 'set'))
  const step: CreateStep = { ...base, verb: 'create', entity: entity.name, set }
  return { step, result: (name) => (base.each === null ? rowNamed(name, entity.name) : rowsNamed(name, entity.name)), maybe: false }
}

/** Resolves `ensure`. */
export function ensureStep(design: EnsureDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const entity = entityAt(part(place, 'ensure'), design.ensure)
  if (entity === null) return null
  const set = assignmentsOf(design.set, { entity, isNew: true, inputs: place.actionInputs }, part(place, 'set'))
  const existing = assignmentsOf(design.existing, { entity, isNew: false, inputs: place.actionInputs }, part(place, 'existing'))
  const unique = entity.uniques.find(({ fields }) => fields.every((field) => isGiven(field, entity, set)))
  if (unique === undefined) {
    // A value that could not be compiled has a finding of its own.
    if (set.length < written(design)) return null
    const lists = entity.uniques.map(({ fields }) => `[${fields.join(', ')}]`)
    const has = lists.length === 0 ? 'has no unique' : `has ${either(lists)}`
    const hint = lists.length === 0 ? 'use create' : undefined
    place.context.report.add('PLN-D508', [...place.at, 'ensure'], `ensure gives no values of a unique, and ${entity.name} ${has}`, hint)
    return null
  }
  reportLeftOut(entity, set, part(place, 'ensure'))
  reportMissingValues(set, entity, part(place, 'set'))
  const step: EnsureStep = { ...base, verb: 'ensure', entity: entity.name, unique: unique.fields, set, existing }
  return { step, result: (name) => (base.each === null ? rowNamed(name, entity.name) : rowsNamed(name, entity.name)), maybe: false }
}

/** The number of values that the step gives. */
function written({ set = {} }: EnsureDesign): number {
  return set === 'input' ? 0 : Object.keys(set).length
}

/** Whether a new row certainly has a value of the field from the step or the server. */
function isGiven(name: string, entity: Entity, set: readonly Assignment[]): boolean {
  if (set.some(({ field, ifSent }) => field === name && ifSent === null)) return true
  return entity.fields.some((field) => field.name === name && field.default?.kind === 'set')
}

/** Reports required fields that a new row would lack. */
function reportLeftOut(entity: Entity, set: readonly Assignment[], place: StepPlace): void {
  const given = new Set(set.flatMap(({ field, ifSent }) => (ifSent === null ? [field] : [])))
  const { report, unusable } = place.context
  for (const field of entity.fields) {
    if (!isNeeded(field) || given.has(field.name) || unusable.has(field.name) || hasFinding(field.name, place)) continue
    const sent = set.some((each) => each.field === field.name)
    const why = sent ? 'is required, and the input may be left out' : 'is required, has no default and is not set by the server'
    report.add('PLN-D512', place.at, `${entity.name}.${field.name} ${why}`, sent ? 'make the input required' : `add ${field.name} to set`)
  }
}

function isNeeded(field: Field): boolean {
  return !field.optional && field.default === null && field.system === null && field.type.kind !== 'computed'
}

/** Whether the step names the field with a value that has a finding. */
function hasFinding(name: string, { at, action }: StepPlace): boolean {
  const index = at.at(-2)
  const step = typeof index === 'number' ? action.design.steps?.[index] : undefined
  if (step === undefined || !('set' in step) || step.set === undefined) return false
  return step.set === 'input' ? action.design.input?.[name] !== undefined : Object.hasOwn(step.set, name)
}

/** Resolves `update`. */
export function updateStep(design: UpdateDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const at = part(place, 'update')
  const found = targetAt(design.update, at)
  if (found === null) return null
  const { target, entity } = found
  reportTarget(found.target, { verb: 'update', hasWhere: design.where !== undefined, entity }, at)
  const where = whereAt(place, design.where, entity.name)
  const set = assignmentsOf(design.set, { entity, isNew: false, inputs: place.actionInputs }, part(place, 'set'))
  const step: UpdateStep = { ...base, verb: 'update', target, entity: entity.name, where, set }
  reportSharedRow(step, part(place, 'set'))
  reportMissingValues(set, entity, part(place, 'set'))
  return { step, result: (name) => resultOf(target, name, entity), maybe: false }
}

/** Resolves `delete`. */
export function deleteStep(design: DeleteDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const at = part(place, 'delete')
  const found = targetAt(design.delete, at)
  if (found === null) return null
  const { target, entity } = found
  reportTarget(found.target, { verb: 'delete', hasWhere: design.where !== undefined, entity }, at)
  const step: DeleteStep = { ...base, verb: 'delete', target, entity: entity.name, where: whereAt(place, design.where, entity.name) }
  return { step, result: (name) => resultOf(target, name, entity), maybe: false }
}

type Target = UpdateStep['target']

/** The result of the step: the row itself, or the rows under the name of the step. */
function resultOf(target: Target, name: string, entity: Entity): ReturnType<NonNullable<ResolvedStep['result']>> {
  return target.kind === 'row' ? { kind: 'row', path: target.row } : rowsNamed(name, entity.name)
}

/** Reports a step that would write every row, and a row that may be missing. */
function reportTarget(
  target: Target,
  about: { readonly verb: string; readonly hasWhere: boolean; readonly entity: Entity },
  place: StepPlace,
): void {
  if (target.kind === 'row') reportMissing(target.row, place)
  else if (target.rows.kind === 'set') reportMissing(target.rows.set.of, place)
  else if (!about.hasWhere) {
    const what = `${about.verb}: ${about.entity.name} without where would ${about.verb === 'update' ? 'change' : 'delete'} all rows`
    place.context.report.add('PLN-D507', place.at, what, "write where: 'true' if that is meant")
  }
}
