/** Plans a create, an update and a delete. */

import { type FieldProblem, invalid } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Value } from '../../base/sql/statement.ts'
import { showsOthers } from '../../compile/statements/merge-safety.ts'
import type { CreatePlan, DeletePlan, UpdatePlan, WritePlan } from '../../compile/statements/plan.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import type { Input } from '../../compile/values/inputs.ts'
import { MAX_PROBLEMS, readBodies, readBody, type Sent } from '../../compile/values/validate.ts'
import type { HookMoment } from '../../model/model.ts'
import { fieldNamed } from '../../model/model.ts'
import type { Returning } from '../http/prefer.ts'
import type { CreateIntent, DeleteIntent, Selection, UpdateIntent } from './intent.ts'
import { planKey, unlessTakenKey } from './plan-key.ts'
import { including, type Nested, type ReadChildren, readChildren } from './plan-nested.ts'
import { planOutput } from './plan-output.ts'
import { prepareGet } from './plan-read.ts'
import {
  callerValues,
  denied,
  idValue,
  type PlanContext,
  type PlannedWrite,
  type Planning,
  type Prepared,
  prepare,
  requireOpen,
  type Sequel,
  WHOLE_BODY,
} from './planning.ts'
import { createdValues, fill, inputFor, knownNames, readableNames, writtenField } from './write-values.ts'

/** Which parts of the row the answer contains. */
interface Answering {
  readonly selection: Selection
  readonly returning: Returning | 'later'
}

/**
 * Plans the creation of one row or several, with their nested rows; all are created or none. @throws Failure for invalid bodies, and
 * creates that are never allowed to this caller.
 */
export function planCreate(planning: Planning, intent: CreateIntent): PlannedWrite<CreatePlan> {
  const { context, entity } = planning
  requireOpen(planning, 'create', entity.create)
  const input = inputFor(planning, 'create')
  // A new row needs a value that this caller may not set, so this caller cannot create rows.
  if (input.withheld.length > 0) throw denied(context, entity.entity, 'create')
  const many = Array.isArray(intent.body)
  if (many && entity.hidesTakenLogin) throw invalid([{ pointer: '', rule: 'alone', message: ALONE }])
  const bodies: readonly unknown[] = Array.isArray(intent.body) ? intent.body : [intent.body]
  const pointers = many ? bodies.map((_, i) => `/${i}`) : WHOLE_BODY
  const { rows, problems } = readRows(input, intent.body)
  const brought = input.children.size === 0 ? null : readChildren(planning, bodies, pointers)
  const all = brought === null ? problems : [...problems, ...brought.problems]
  if (all.length > 0) throw invalid(all.slice(0, MAX_PROBLEMS))
  const answering = answeringOf(planning, intent, brought)
  const prepared = prepareCreate(planning, { many, answering })
  const shapeValues = intent.selection.shaped?.values
  const calls = rows.map((row) => createdValues(planning, row, shapeValues))
  return { ...prepared, calls, pointers, many, ...sequelOf(planning, { prepared, selection: intent.selection, brought }) }
}

/** Why a list of accounts, or an account in a transaction with other operations, is refused. */
export const ALONE = 'must be one account, in a request of its own, as the answer does not tell whether its login is new'

function answeringOf({ entity }: Planning, intent: CreateIntent, brought: ReadChildren | null): Answering {
  if (entity.hidesTakenLogin) return { ...intent, returning: 'nothing' }
  return brought === null || intent.returning === 'nothing' ? intent : { ...intent, returning: 'later' }
}

function readRows(input: Input, body: unknown): { readonly rows: readonly Sent[]; readonly problems: readonly FieldProblem[] } {
  if (Array.isArray(body)) {
    const read = readBodies(input, body, LIMITS.bulkRows)
    return read.ok ? { rows: read.rows, problems: [] } : { rows: [], problems: read.problems }
  }
  const read = readBody(input, body)
  return read.ok ? { rows: [read], problems: [] } : { rows: [], problems: read.problems }
}

function prepareCreate(
  planning: Planning,
  { many, answering }: { readonly many: boolean; readonly answering: Answering },
): Prepared<CreatePlan> {
  const { context, entity } = planning
  const { identity } = context.model
  const { returning, selection } = answering
  const key = planKey(planning, { kind: 'create', many, returning, selection })
  return prepare<CreatePlan>(context, key, () => ({
    kind: 'create',
    key,
    entity: entity.entity,
    allowed: entity.create,
    fields: [...inputFor(planning, 'create').fields.values()].map((field) => writtenField(planning, field, 'set')),
    atomic: many,
    visible: entity.read,
    ...(entity.hidesTakenLogin && identity !== null ? { hiddenLogin: fieldNamed(entity.entity, identity.login) } : {}),
    ...answered(planning, answering, 'afterCreate'),
    named: readableNames(entity),
    known: knownNames(entity),
  }))
}

/** The same create, but it inserts no row when a unique value is taken, instead of failing; see `isTaken`. */
export function unlessTaken(context: PlanContext, planned: PlannedWrite): PlannedWrite {
  const { plan } = planned
  if (plan.kind !== 'create') throw new Error(`${plan.kind} creates nothing`)
  return { ...planned, ...prepare(context, unlessTakenKey(plan.key), (key): CreatePlan => ({ ...plan, key, unlessTaken: true })) }
}

interface Beginning {
  readonly prepared: Prepared<WritePlan>
  readonly selection: Selection
  readonly brought: ReadChildren | null
}

/**
 * The statements after the write: they create nested rows, parents before children, and read the rows when the statement of the write
 * cannot show its own effects.
 */
function sequelOf(planning: Planning, { prepared, selection, brought }: Beginning): { readonly sequel?: Sequel } {
  const { plan } = prepared
  const later = (plan.kind === 'create' || plan.kind === 'update') && plan.returning === 'later'
  if (!later && brought === null) return {}
  const nested: Nested = brought?.nested ?? new Map()
  const shown = including(selection, nested, { view: planning.variant.view, entity: planning.entity })
  return { sequel: { children: brought?.children ?? [], reading: later ? prepareGet(planning, shown, 'together') : null } }
}

/**
 * Plans the change (`patch`) or replacement (`put`) of one row. @throws Failure for an invalid body or id, and updates that are never
 * allowed for this caller.
 */
export function planUpdate(planning: Planning, intent: UpdateIntent): PlannedWrite<UpdatePlan> {
  const { context, caller, entity } = planning
  requireOpen(planning, 'read', entity.read)
  requireOpen(planning, 'update', entity.updateFrom)
  requireOpen(planning, 'update', entity.updateTo)
  const id = intent.id === null ? null : idValue(entity.entity, intent.id)
  const sent = readBody(inputFor(planning, intent.mode), intent.body)
  if (!sent.ok) throw invalid(sent.problems)
  const fields = [...sent.values.keys()].toSorted()
  const changes = fields.map((name) => ({ name, change: sent.added.has(name) ? 'add' : 'set' }) as const)
  const { returning, selection } = intent
  const key = planKey(planning, { kind: 'update', changes, returning, selection })
  const prepared = prepare<UpdatePlan>(context, key, () => ({
    kind: 'update',
    key,
    entity: entity.entity,
    readable: entity.read,
    from: entity.updateFrom,
    to: entity.updateTo,
    fields: changes.map(({ name, change }) => writtenField(planning, fieldNamed(entity.entity, name), change)),
    visible: entity.read,
    ...answered(planning, intent, 'afterUpdate'),
    named: readableNames(entity),
    known: knownNames(entity),
  }))
  const call: Record<string, Value> = { ...callerValues(context.model, caller), id, versions: versionsValue(intent.versions) }
  fill(call, sent)
  Object.assign(call, intent.selection.shaped?.values)
  const sequel = sequelOf(planning, { prepared, selection: intent.selection, brought: null })
  return { ...prepared, calls: [call], pointers: WHOLE_BODY, many: false, ...sequel }
}

/** Plans the deletion of one row. @throws Failure for an invalid id, and deletes that are never allowed for this caller. */
export function planDelete(planning: Planning, intent: DeleteIntent): PlannedWrite<DeletePlan> {
  const { context, caller, entity } = planning
  requireOpen(planning, 'read', entity.read)
  requireOpen(planning, 'delete', entity.delete)
  const id = idValue(entity.entity, intent.id)
  const key = planKey(planning, { kind: 'delete' })
  const prepared = prepare<DeletePlan>(context, key, () => ({
    kind: 'delete',
    key,
    entity: entity.entity,
    readable: entity.read,
    allowed: entity.delete,
  }))
  const call = { ...callerValues(context.model, caller), id, versions: versionsValue(intent.versions) }
  return { ...prepared, calls: [call], pointers: WHOLE_BODY, many: false }
}

function versionsValue(versions: readonly number[] | null): Value {
  return versions === null ? null : arrayLiteral(versions)
}

/** What the statement returns. Unknown names are refused even when the answer contains no row. */
function answered(
  { context, variant, entity }: Planning,
  { selection, returning }: Answering,
  after: HookMoment,
): Pick<CreatePlan, 'returning' | 'output'> {
  const output = planOutput(variant.view, entity, selection)
  if (returning !== 'row') return { returning, output: null }
  // The hook may change the row, and the answer shows the end.
  const isHooked = entity.entity.hooks.some(({ moment }) => moment === after)
  const later = isHooked || showsOthers(context.model, entity.entity, { visible: entity.read, output })
  return later ? { returning: 'later', output: null } : { returning, output }
}
