/**
 * Steps that write rows of an entity with hooks. A draft computes the rows that the step writes and the values that it gives them, and
 * judges what is known before the hook. For each row, the process then runs the hook before, and a write with the values as parameters:
 * those of the draft and those of the hook. So the hook before sees what is written, and the rules judge what the hook has set.
 */

import { empty, ident, join, numberLiteral, type Sql, slot, sql, typeName } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ActionStep, Assignment, CreateStep, DeleteStep, EnsureStep, StepTarget, UpdateStep } from '../../model/action.ts'
import { ensuresWithHooks, passesHooksBy } from '../../model/action-tree.ts'
import { ALWAYS, type Predicate } from '../../model/expression.ts'
import {
  type Entity,
  entityNamed,
  type Field,
  fieldNamed,
  HOOK_MOMENTS,
  hasHooksFor,
  isToken,
  type Model,
  settableFields,
  storedScalar,
} from '../../model/model.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { idColumn, idType, live } from '../rules/term-sql.ts'
import { writeRulesOf } from '../rules/write-rules.ts'
import { lockRows } from '../statements/checks/checked.ts'
import { fieldJson } from '../statements/json/json-sql.ts'
import { objectText } from '../statements/json/json-text.ts'
import { outputSql } from '../statements/output-sql.ts'
import { wholeRow } from '../statements/write/held-row.ts'
import { columnType } from '../values/column-type.ts'
import { changedRows, hitOf } from './change-steps.ts'
import { type Collected, judgedNew, newRowsFrame } from './create-steps.ts'
import { MAX_ELEMENTS } from './elements.ts'
import { type ActionScope, keep, keepTotal, placeNamed } from './frame.ts'
import { inputOfRules } from './given-fields.ts'
import type { Stops } from './stops.ts'
import { valueFor } from './values.ts'

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
    ids: `${own}.ids`,
    total: `${own}.total`,
    ofField: (field) => ({ value: `${own}.value.${field}`, sent: `${own}.sent.${field}`, judged: `${own}.judged.${field}` }),
  }
}

/** Whether hooks run around a step. The server refuses actions with steps that would pass hooks by. */
export function isHookedStep(model: Model, step: ActionStep): step is RowStep {
  const hooksOf = (entity: string) => entityNamed(model, entity).hooks
  if (step.verb === 'ensure') return ensuresWithHooks(step, hooksOf(step.entity)) && !passesHooksBy(step, hooksOf)
  const writes = step.verb === 'create' || step.verb === 'update' || step.verb === 'delete'
  return writes && hasHooksFor(hooksOf(step.entity), step.verb)
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
    const change = step.verb === 'ensure' && step.existing.length > 0 ? changeOfExisting(step, `${name} exists`) : null
    const existing = change === null ? null : writeOfRow(model, change, `${number} exists`)
    return { step, write, entity, name: as, key: null, slots, existing }
  }
  const one = { ...common, target: rowTarget(name, entity.name), where: ALWAYS }
  const write: RowStep =
    step.verb === 'delete'
      ? { ...step, ...one }
      : { ...step, ...one, set: slotAssignments(model, { entity, set: step.set, operation: 'update' }, slots) }
  return { step, write, entity, name, key: slots.id, slots, existing: null }
}

/** What an `ensure` does with a row that exists, as a step. */
function changeOfExisting({ at, entity, existing }: EnsureStep, name: string): UpdateStep {
  const base = { at, as: null, when: null, each: null }
  return { ...base, verb: 'update', target: rowTarget(name, entity), entity, where: ALWAYS, set: existing }
}

function rowTarget(binding: string, entity: string): StepTarget {
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

/** The columns of a draft: one row for each row that the step writes. The values of the fields that the step sets follow. */
export const DRAFT = { id: 0, input: 1, row: 2, stop: 3, values: 4 } as const

/** The statements that find the rows of a step; the last one returns the drafts. They stop the action if the caller may not write a row. */
export function draftSql(shared: ActionScope, step: RowStep, stops: Stops): readonly Sql[] {
  switch (step.verb) {
    case 'create':
    case 'ensure':
      return [createDraft(shared, step, stops)]
    case 'update':
      return [...lockTargets(shared, step), updateDraft(shared, step, stops)]
    case 'delete':
      return [...lockTargets(shared, step), deleteDraft(shared, step, stops)]
    default:
      return unreachable(step)
  }
}

const T = sql`t`
const D = sql`d`
const N = sql`n`

function createDraft(shared: ActionScope, step: CreateStep | EnsureStep, stops: Stops): Sql {
  const entity = entityNamed(shared.model, step.entity)
  const { from, scope, place } = newRowsFrame(shared, step)
  const fields = fieldsOf(entity, step.set)
  const given = step.set.map(({ value }, i) => {
    const field = fields[i] ?? fieldNamed(entity, 'id')
    return sql`, ${valueFor(field, value, scope)} as ${ident(field.column)}`
  })
  const tooMany = stops.at({ kind: 'too-many', what: step.each?.name ?? entity.name, most: MAX_ELEMENTS })
  const stop = step.each === null ? sql`null` : sql`case when count(*) over () > ${numberLiteral(MAX_ELEMENTS)} then ${tooMany} end`
  const drafts = sql`select ${place} as "#ord"${join(given, '', empty)} from ${from}`
  return sql`select null, ${inputSql(fields, D)}, null, ${stop}${columnsOf(fields, D)} from (${drafts}) d order by d."#ord"`
}

function updateDraft(shared: ActionScope, step: UpdateStep, stops: Stops): Sql {
  const { model } = shared
  const entity = entityNamed(model, step.entity)
  const { ctes, changes, changed } = changedRows(shared, step)
  const fields = fieldsOf(entity, step.set)
  const values = changes.map(({ field }, i) => sql`${changed[i] ?? empty} as ${ident(field.column)}`)
  const after = values.length === 0 ? empty : sql` cross join lateral (select ${join(values, ', ', empty)}) n`
  const input = inputOfRules(step.set, entity, N)
  const judged = (rule: Predicate): Sql => sql`(${whenTrue(rule, { ...rowScope(model, T), input })})`
  const isJudged = shared.action.as === 'caller' && step.moves !== true
  const forbidden = stops.at({ kind: 'forbidden', operation: 'update', entity: entity.name })
  const stop = isJudged ? sql`case when ${judged(writeRulesOf(entity).updateFrom)} is not true then ${forbidden} end` : sql`null`
  const shown = sql`t.${idColumn(entity)}::text, ${inputSql(fields, N)}, ${outputSql(model, wholeRow(entity), 't')}`
  const rows = sql`from hit h join ${ident(entity.table)} t on t.${idColumn(entity)} = h.id${after} order by t.${idColumn(entity)}`
  return sql`${ctes} select ${shown}, ${stop}${columnsOf(fields, N)} ${rows}`
}

function deleteDraft(shared: ActionScope, step: DeleteStep, stops: Stops): Sql {
  const { model } = shared
  const entity = entityNamed(model, step.entity)
  const allowed = whenTrue(writeRulesOf(entity).delete, rowScope(model, T))
  const forbidden = stops.at({ kind: 'forbidden', operation: 'delete', entity: entity.name })
  const stop = shared.action.as === 'caller' ? sql`case when (${allowed}) is not true then ${forbidden} end` : sql`null`
  const id = sql`t.${idColumn(entity)}`
  const shown = sql`${id}::text, null, ${outputSql(model, wholeRow(entity), 't')}, ${stop}`
  return sql`select ${shown} from ${ident(entity.table)} t where ${id} in (${hitIds(shared, step)}) order by ${id}`
}

/** Locks rows that are found by a condition. A single row is locked before the steps. */
function lockTargets(shared: ActionScope, step: UpdateStep | DeleteStep): readonly Sql[] {
  if (step.target.kind === 'row' && step.each === null) return []
  return [lockRows(entityNamed(shared.model, step.entity), [hitIds(shared, step)])]
}

function hitIds(shared: ActionScope, step: UpdateStep | DeleteStep): Sql {
  const hit = hitOf(shared, step, [])
  return sql`select t.${idColumn(entityNamed(shared.model, step.entity))} from ${hit.from} where ${hit.where}`
}

function fieldsOf(entity: Entity, set: readonly Assignment[]): readonly Field[] {
  return set.map(({ field }) => fieldNamed(entity, field))
}

/** The values of fields as JSON in the form of answers, without passwords and tokens. */
function inputSql(fields: readonly Field[], row: Sql): Sql {
  const shown = fields.filter((field) => field.type.kind !== 'password' && !isToken(field))
  return objectText(shown.map((field) => [field.name, fieldJson(field, sql`${row}.${ident(field.column)}`, null)] as const))
}

/** The values of fields as texts, from which slots read them again. */
function columnsOf(fields: readonly Field[], row: Sql): Sql {
  const columns = fields.map(({ column }) => sql`, ${row}.${ident(column)}::text`)
  return join(columns, '', empty)
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
  const held = sql`select t.* from ${ident(entity.table)} t where ${join(same, ' and ', empty)}${live(entity, T)} for no key update`
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
