/**
 * Steps that write rows of an entity with hooks. A draft computes the rows that the step writes and the values that it gives them, and
 * judges what is known before the hook. For each row, the process then runs the hook before, and a write with the values as parameters:
 * those of the draft and those of the hook. So the hook before sees what is written, and the rules judge what the hook has set.
 */

import { empty, ident, join, type Sql, slot, sql, typeName } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ActionStep, Assignment, CreateStep, DeleteStep, Elements, EnsureStep, StepTarget, UpdateStep } from '../../model/action.ts'
import { ensuresWithHooks, isWriteStep } from '../../model/action-tree.ts'
import { ALWAYS, scalarType } from '../../model/expression.ts'
import {
  type Entity,
  entityNamed,
  fieldNamed,
  HOOK_MOMENTS,
  hasHooksFor,
  type Model,
  settableFields,
  storedScalar,
} from '../../model/model.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { idColumn, idType, live } from '../rules/term-sql.ts'
import { outputSql } from '../statements/output-sql.ts'
import { wholeRow } from '../statements/write/held-row.ts'
import { columnType } from '../values/column-type.ts'
import { type Collected, judgedNew } from './create-steps.ts'
import { type ActionScope, keep, keepTotal, placeNamed } from './frame.ts'

/** A step that writes rows one by one, so that hooks run around each. */
export type RowStep = CreateStep | EnsureStep | UpdateStep | DeleteStep

/** The write of one row of a step with hooks. */
export interface WriteOfRow {
  /** The step as it is in the action. */
  readonly step: RowStep
  /** The step for one row of the draft, with the values of slots. */
  readonly write: RowStep
  readonly entity: Entity
  /** The name under which the statements of the write find the row. */
  readonly name: string
  /** The slot that has the id of the row; null for a new row. */
  readonly key: string | null
  readonly slots: HookSlots
  /** Of an `ensure`: what it does with a row that exists; null when it leaves the row as it is, and for other steps. */
  readonly existing: WriteOfRow | null
}

/** The slots of the writes of a step with hooks. */
export interface HookSlots {
  /** The id of the row that is changed or deleted. */
  readonly id: string
  /** The element of `each` that leads to a row. */
  readonly element: string
  /** Where PostgreSQL keeps the version of a row that the draft has seen. */
  readonly seen: string
  /** The ids of all rows that the step has written, an array. */
  readonly ids: string
  /** The number of these rows. */
  readonly total: string
  /** The value of a field; whether the field is written, and whether its write rule is judged, both as names of `isSent`. */
  readonly ofField: (field: string) => Readonly<Record<'value' | 'sent' | 'judged', string>>
}

function slotsOf(number: string): HookSlots {
  const own = `hook.${number}`
  return {
    id: `${own}.id`,
    element: `${own}.element`,
    seen: `${own}.seen`,
    ids: `${own}.ids`,
    total: `${own}.total`,
    ofField: (field) => ({ value: `${own}.value.${field}`, sent: `${own}.sent.${field}`, judged: `${own}.judged.${field}` }),
  }
}

/** Whether hooks run around a step. */
export function isHookedStep(model: Model, step: ActionStep): step is RowStep {
  const hooksOf = (entity: string) => entityNamed(model, entity).hooks
  if (step.verb === 'ensure') return ensuresWithHooks(step, hooksOf(step.entity))
  return isWriteStep(step) && hasHooksFor(hooksOf(step.entity), step.verb)
}

/** The write of one row of a step. `number` tells the steps of an action apart. */
export function writeOfRow(model: Model, step: RowStep, number: string): WriteOfRow {
  const entity = entityNamed(model, step.entity)
  const slots = slotsOf(number)
  const name = `hook ${number}`
  const common = { when: null, each: null, as: null }
  if (step.verb === 'create' || step.verb === 'ensure') {
    const as = step.each === null && step.as !== null ? step.as : name
    const set = slotAssignments(model, { entity, set: step.set, operation: 'create' }, slots)
    const one = { ...common, as, set }
    const write: RowStep = step.verb === 'create' ? { ...step, ...one } : { ...step, ...one, existing: [], onlyNew: true }
    const after = `${number} exists`
    const change =
      step.verb === 'ensure' && step.existing.length > 0 ? changeOfExisting(step, `hook ${after}`, slotsOf(after).element) : null
    const existing = change === null ? null : writeOfRow(model, change, after)
    return { step, write, entity, name: as, key: null, slots, existing }
  }
  const one = { ...common, target: rowTarget(name, entity.name), where: ALWAYS }
  const write: RowStep =
    step.verb === 'delete'
      ? { ...step, ...one }
      : { ...step, ...one, set: slotAssignments(model, { entity, set: step.set, operation: 'update' }, slots) }
  return { step, write, entity, name, key: slots.id, slots, existing: null }
}

/** What an `ensure` does with a row that exists, as a step. The slot `element` has the element that leads to the row. */
function changeOfExisting({ at, entity, existing, each }: EnsureStep, name: string, element: string): UpdateStep {
  const base = { at, as: null, when: null, each: each === null ? null : { ...each, over: oneOf(each.over, element) } }
  return { ...base, verb: 'update', target: rowTarget(name, entity), entity, where: ALWAYS, set: existing }
}

/** One element of a list, which a slot has. */
function oneOf(over: Elements, key: string): Elements {
  switch (over.kind) {
    case 'items':
      return { kind: 'one-item', type: scalarType(over.of.type.scalar), key }
    case 'rows':
      return { kind: 'one-row', entity: over.rows.kind === 'entity' ? over.rows.entity : over.rows.set.entity, key }
    case 'one-item':
    case 'one-row':
      return over
    default:
      return unreachable(over)
  }
}

/** A row that a name means, as the target of a step. */
export function rowTarget(binding: string, entity: string): StepTarget {
  return { kind: 'row', row: { binding, root: entity, hops: [], entity } }
}

interface Setting {
  readonly entity: Entity
  readonly set: readonly Assignment[]
  readonly operation: 'create' | 'update'
}

/** Each field that the step or its hook sets, with the value of a slot. */
function slotAssignments(model: Model, { entity, set, operation }: Setting, slots: HookSlots): readonly Assignment[] {
  const isSet = new Set(set.map(({ field }) => field))
  const { before } = HOOK_MOMENTS[operation]
  const settable = entity.hooks.some(({ moment }) => moment === before) ? settableFields(model, entity, operation) : []
  const names = [...isSet, ...settable.flatMap(({ name }) => (isSet.has(name) ? [] : [name]))]
  return names.map((name): Assignment => {
    const { type } = fieldNamed(entity, name)
    const { value, sent, judged } = slots.ofField(name)
    const scalar = { scalar: storedScalar(type), list: type.kind === 'list' }
    return { field: name, value: { kind: 'param', type: scalar, key: value }, ifSent: sent, judgedIf: judged }
  })
}

/** The statement that reads the row that a step has written: its id, and the row as JSON. */
export function writtenSql({ model, places }: ActionScope, { entity, name }: WriteOfRow): Sql {
  const { key } = placeNamed(places, name)
  const id = sql`t.${idColumn(entity)}`
  return sql`select ${id}::text, ${outputSql(model, wholeRow(entity), 't')} from ${ident(entity.table)} t where ${id} = ${key}`
}

/**
 * The statement that locks the row that an `ensure` finds: its id, or no row. The values of the constraint are those of the draft. It stops
 * the action if the caller may not make the row as the step gives it, or may not read the row that exists.
 */
export function lookSql(shared: ActionScope, { write, slots, entity }: WriteOfRow, { stops, constants }: Collected): Sql | null {
  if (write.verb !== 'ensure') return null
  const same = write.unique.map((field) => {
    const { column, type } = fieldNamed(entity, field)
    return sql`t.${ident(column)} = ${slot(slots.ofField(field).value, columnType(type))}`
  })
  const readable = sql`(${whenTrue(entity.access.read, rowScope(shared.model, sql`o`))}) is true`
  const forbidden = (operation: 'create' | 'update'): Sql => stops.at({ kind: 'forbidden', operation, entity: entity.name })
  const makes = sql`case when exists (select 1 from verdict v where v.ok is not true) then ${forbidden('create')} end`
  const reads = shared.action.as === 'caller' ? sql`case when not (${readable}) then ${forbidden('update')} end` : sql`null`
  const held = sql`select t.* from ${ident(entity.table)} t where ${join(same, ' and ', empty)}${live(entity, sql`t`)} for no key update`
  return sql`with ${judgedNew(shared, write, constants)} select o.${idColumn(entity)}::text, ${makes}, ${reads} from (${held}) o`
}

/**
 * The statement that keeps the ids of the rows that a step has written under its name. Null for a step that names none, and where the
 * statement of the write keeps the id.
 */
export function collectSql({ places }: ActionScope, { step, slots }: WriteOfRow): Sql | null {
  if (step.verb === 'delete' || step.as === null) return null
  const named = placeNamed(places, step.as)
  const { entity } = named
  if (!named.many) return step.verb === 'ensure' ? sql`select ${keep(named, slot(slots.id, idType(entity)))}` : null
  const ids = sql`${slot(slots.ids, 'text')}::${typeName(`${idType(entity)}[]`)}`
  return sql`select ${keep(named, ids)}, ${keepTotal(named, slot(slots.total, 'bigint'))}`
}
