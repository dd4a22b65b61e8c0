/** Planning a create, an update and a delete. */

import { type FieldProblem, invalid } from '../base/failure.ts'
import type { Value, Values } from '../base/statement.ts'
import { arrayLiteral, encodeJson } from '../compile/encode.ts'
import { type Input, inputOf, type WriteOperation } from '../compile/inputs.ts'
import type { Output, WrittenField } from '../compile/plan.ts'
import { readBodies, readBody, type Sent } from '../compile/validate.ts'
import { type EntityView, viewOf } from '../compile/view.ts'
import { type Entity, type Field, fieldNamed } from '../model/model.ts'
import type { Intent, Selection } from './intent.ts'
import { LIMITS } from './limits.ts'
import { planOutput, selectionKey } from './plan-output.ts'
import { callerValues, denied, idValue, type Planned, type Planning, prepare, requireOpen } from './planning.ts'
import type { Returning } from './prefer.ts'

/** One row or many, all or nothing. */
export function planCreate(planning: Planning, intent: Extract<Intent, { kind: 'create' }>): Planned {
  const { context, caller, variant, entity } = planning
  requireOpen(planning, 'create', entity.create)
  const input = inputFor(entity, 'create')
  // A row that needs what this caller may not set can never be created by him, whatever he sends.
  if (input.withheld.length > 0) throw denied(context, entity.entity, 'create')
  const many = Array.isArray(intent.body)
  const rows = many ? sentRows(input, intent.body) : [sentRow(input, intent.body)]
  const key = `create ${entity.entity.name} ${variant.key} ${many} ${answerKey(intent)}`
  const prepared = prepare(context, key, () => ({
    kind: 'create',
    key,
    entity: entity.entity,
    allowed: entity.create,
    fields: [...input.fields.values()].map((field) => writtenField(planning, field, 'set')),
    atomic: many,
    visible: entity.read,
    output: answered(planning, intent),
  }))
  const shared = callerValues(context.model, caller)
  return {
    ...prepared,
    many,
    calls: rows.map((row) => ({ ...shared, id: context.newId(), ...defaultsOf(entity.entity), ...sentValues(row) })),
  }
}

/** A change (`patch`) or replacement (`put`) of one row. */
export function planUpdate(planning: Planning, intent: Extract<Intent, { kind: 'update' }>): Planned {
  const { context, caller, variant, entity } = planning
  requireOpen(planning, 'read', entity.read)
  requireOpen(planning, 'update', entity.updateFrom)
  requireOpen(planning, 'update', entity.updateTo)
  const id = idValue(entity.entity, intent.id)
  const row = sentRow(inputFor(entity, intent.mode), intent.body)
  const fields = [...row.values.keys()].toSorted()
  const changes = fields.map((name) => (row.added.has(name) ? `+${name}` : name)).join()
  const key = `update ${entity.entity.name} ${variant.key} ${changes} ${answerKey(intent)}`
  const prepared = prepare(context, key, () => ({
    kind: 'update',
    key,
    entity: entity.entity,
    readable: entity.read,
    from: entity.updateFrom,
    to: entity.updateTo,
    fields: fields.map((name) => writtenField(planning, fieldNamed(entity.entity, name), row.added.has(name) ? 'add' : 'set')),
    visible: entity.read,
    output: answered(planning, intent),
  }))
  return {
    ...prepared,
    many: false,
    calls: [{ ...callerValues(context.model, caller), id, versions: versionsValue(intent.versions), ...sentValues(row) }],
  }
}

/** Removal of one row. */
export function planDelete(planning: Planning, intent: Extract<Intent, { kind: 'delete' }>): Planned {
  const { context, caller, variant, entity } = planning
  requireOpen(planning, 'read', entity.read)
  requireOpen(planning, 'delete', entity.delete)
  const id = idValue(entity.entity, intent.id)
  const key = `delete ${entity.entity.name} ${variant.key}`
  const prepared = prepare(context, key, () => ({
    kind: 'delete',
    key,
    entity: entity.entity,
    readable: entity.read,
    allowed: entity.delete,
  }))
  return { ...prepared, many: false, calls: [{ ...callerValues(context.model, caller), id, versions: versionsValue(intent.versions) }] }
}

interface Answering {
  readonly selection: Selection
  readonly returning: Returning
}

function answerKey({ selection, returning }: Answering): string {
  return `${returning} ${selectionKey(selection)}`
}

/** What the answer holds. Names are looked up even if nothing is answered: a wrong one is wrong either way. */
function answered({ variant, entity }: Planning, { selection, returning }: Answering): Output | null {
  const output = planOutput(variant.view, entity, selection)
  return returning === 'nothing' ? null : output
}

function versionsValue(versions: readonly number[] | null): Value {
  return versions === null ? null : arrayLiteral(versions)
}

const inputs = new WeakMap<EntityView, Map<WriteOperation, Input>>()

function inputFor(entity: EntityView, operation: WriteOperation): Input {
  let known = inputs.get(entity)
  if (known === undefined) {
    known = new Map()
    inputs.set(entity, known)
  }
  let input = known.get(operation)
  if (input === undefined) {
    input = inputOf(entity.entity, { operation, writable: entity.writable.keys() })
    known.set(operation, input)
  }
  return input
}

function sentRow(input: Input, body: unknown): Sent {
  const read = readBody(input, body)
  if (!read.ok) throw invalid(read.problems)
  return read
}

function sentRows(input: Input, body: unknown): readonly Sent[] {
  const list: readonly unknown[] = Array.isArray(body) ? body : []
  const read = readBodies(input, list, LIMITS.bulkRows)
  if (!read.ok) throw invalid(read.problems)
  return read.rows
}

function sentValues(row: Sent): Values {
  const values: Record<string, Value> = {}
  for (const [name, value] of row.values) {
    values[`value.${name}`] = value
    values[`input.${name}`] = value
    values[`given.${name}`] = true
  }
  return values
}

const defaults = new WeakMap<Entity, Values>()

/** Defaults that are values, for the fields that a caller leaves out or may not set. */
function defaultsOf(entity: Entity): Values {
  let known = defaults.get(entity)
  if (known === undefined) {
    const values: Record<string, Value> = {}
    for (const field of entity.fields) {
      if (field.default?.kind !== 'value') continue
      const encoded = encodeJson(field.type, field.default.value)
      if (!encoded.ok) throw new Error(`the default of ${entity.name}.${field.name} is not one of its values`)
      values[`value.${field.name}`] = encoded.value
    }
    known = values
    defaults.set(entity, known)
  }
  return known
}

function writtenField({ variant, entity }: Planning, field: Field, change: WrittenField['change']): WrittenField {
  const write = entity.writable.get(field.name)
  if (write === undefined) throw new Error(`${entity.entity.name}.${field.name} is not writable`)
  const written = { field, change, write: write.rule }
  if (field.type.kind !== 'ref') return { ...written, target: null }
  const target = viewOf(variant.view, field.type.entity)
  return { ...written, target: { entity: target.entity, visible: target.read } }
}

/** The problems of values that lead nowhere: references to no row that the caller may read, amounts with nothing to add them to. */
export function unresolved(written: readonly WrittenField[], names: readonly string[], at: string): readonly FieldProblem[] {
  const added = new Set(written.flatMap(({ field, change }) => (change === 'add' ? [field.name] : [])))
  return names.map((name) => ({ pointer: `${at}/${name}`, ...(added.has(name) ? NO_SUM : NO_TARGET) }))
}

const NO_TARGET = { rule: 'reference', message: 'refers to nothing that you may read' } as const
const NO_SUM = { rule: 'increment', message: 'has no value to add to, or the sum would have too many digits' } as const
