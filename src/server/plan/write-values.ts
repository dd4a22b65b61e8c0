/** Shared by the planners of writes: the fields that a caller may send, and the slots of a statement. */

import { memo, memoPair, memoText } from '../../base/memo.ts'
import type { Value, Values } from '../../base/sql/statement.ts'
import { type EntityView, type View, viewOf } from '../../compile/rules/view.ts'
import type { WrittenField } from '../../compile/statements/plan.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import { type Input, inputOf, type WriteOperation } from '../../compile/values/inputs.ts'
import { nestingsOf } from '../../compile/values/nesting.ts'
import type { Sent } from '../../compile/values/validate.ts'
import type { Entity, Field } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { callerValues, type Planning } from './planning.ts'

/** The shape of a body for an operation of this caller. */
export function inputFor({ variant, entity }: Planning, operation: WriteOperation): Input {
  return inputsOf(variant.view, entity)(operation)
}

/** The number of kinds of `WriteOperation`. */
const WRITE_OPERATIONS = 3

const inputsOf = memoPair((view: View, entity: EntityView) =>
  memoText(WRITE_OPERATIONS, (operation: WriteOperation): Input => {
    const children = operation === 'create' ? nestingsOf(view, entity).keys() : []
    const readable = [...entity.readable.keys(), ...entity.derived.keys()]
    return inputOf(entity.entity, { operation, writable: entity.writable.keys(), readable, children })
  }),
)

/** Adds the slots of the values that were sent. */
export function fill(values: Record<string, Value>, sent: Sent): void {
  for (const [name, value] of sent.values) {
    const slots = slotsOf(name)
    values[slots.value] = value
    values[slots.input] = value
    values[slots.given] = true
  }
}

interface Slots {
  readonly value: string
  readonly input: string
  readonly given: string
}

/** The slots of a field by its name. The cache has room for all fields of most designs. */
const slotsOf = memoText(5_000, (name): Slots => ({ value: `value.${name}`, input: `input.${name}`, given: `given.${name}` }))

/** The slots of a new row: the caller, an id, sent values, defaults for the other fields, and the slots of the answer's shape. */
export function createdValues({ context, caller, entity }: Planning, sent: Sent, shapeValues?: Values): Values {
  const values: Record<string, Value> = { ...callerValues(context.model, caller), id: context.newId(), ...defaultsOf(entity.entity) }
  fill(values, sent)
  return shapeValues === undefined ? values : Object.assign(values, shapeValues)
}

/** Constant defaults, for the fields that a caller leaves out or may not set. */
const defaultsOf = memo((entity: Entity): Values => {
  const values: Record<string, Value> = {}
  for (const field of entity.fields) {
    if (field.default?.kind !== 'value') continue
    const encoded = encodeJson(field.type, field.default.value)
    if (!encoded.ok) throw new Error(`the default of ${entity.name}.${field.name} is not one of its values`)
    values[`value.${field.name}`] = encoded.value
  }
  return values
})

/** The names of the fields that this caller may read or set in some state. */
export function knownNames({ readable, derived, writable }: EntityView): ReadonlySet<string> {
  return new Set([...readable.keys(), ...derived.keys(), ...writable.keys()])
}

/** The names of the fields that this caller may read on some row. */
export function readableNames({ read, readable }: EntityView): ReadonlySet<string> {
  return new Set(isNever(read) ? [] : readable.keys())
}

/** A field that a request sets. @throws Error for a field that this caller may not set. */
export function writtenField({ variant, entity }: Planning, field: Field, change: WrittenField['change']): WrittenField {
  const write = entity.writable.get(field.name)
  if (write === undefined) throw new Error(`${entity.entity.name}.${field.name} is not writable`)
  const written = { field, change, write: write.rule }
  if (field.type.kind !== 'ref') return { ...written, target: null }
  const target = viewOf(variant.view, field.type.entity)
  return { ...written, target: { entity: target.entity, visible: target.read } }
}
