/** What the planners of writes share: what a caller may send, and how it fills the slots of a statement. */

import type { Value, Values } from '../../base/sql/statement.ts'
import { type EntityView, viewOf } from '../../compile/rules/view.ts'
import type { WrittenField } from '../../compile/statements/plan.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import { type Input, inputOf, type WriteOperation } from '../../compile/values/inputs.ts'
import { nestingsOf } from '../../compile/values/nesting.ts'
import type { Sent } from '../../compile/values/validate.ts'
import type { Entity, Field } from '../../model/model.ts'
import { callerValues, type Planning } from './planning.ts'

const inputs = new WeakMap<EntityView, Map<WriteOperation, Input>>()

/** The shape of a body. */
export function inputFor({ variant, entity }: Planning, operation: WriteOperation): Input {
  let known = inputs.get(entity)
  if (known === undefined) {
    known = new Map()
    inputs.set(entity, known)
  }
  let input = known.get(operation)
  if (input === undefined) {
    const children = operation === 'create' ? nestingsOf(variant.view, entity).keys() : []
    input = inputOf(entity.entity, { operation, writable: entity.writable.keys(), children })
    known.set(operation, input)
  }
  return input
}

/** The slots of what was sent. */
export function sentValues(sent: Sent): Values {
  const values: Record<string, Value> = {}
  fill(values, sent)
  return values
}

function fill(values: Record<string, Value>, sent: Sent): void {
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

// Names of fields: as many as the design has.
const slots = new Map<string, Slots>()

function slotsOf(name: string): Slots {
  let known = slots.get(name)
  if (known === undefined) {
    known = { value: `value.${name}`, input: `input.${name}`, given: `given.${name}` }
    slots.set(name, known)
  }
  return known
}

/** The slots of a new row: the caller, an id, what was sent, and defaults for what was not. */
export function createdValues({ context, caller, entity }: Planning, sent: Sent): Values {
  const values: Record<string, Value> = { ...callerValues(context.model, caller), id: context.newId(), ...defaultsOf(entity.entity) }
  fill(values, sent)
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

/** A field that a request sets. @throws Error for one that this caller may not set. */
export function writtenField({ variant, entity }: Planning, field: Field, change: WrittenField['change']): WrittenField {
  const write = entity.writable.get(field.name)
  if (write === undefined) throw new Error(`${entity.entity.name}.${field.name} is not writable`)
  const written = { field, change, write: write.rule }
  if (field.type.kind !== 'ref') return { ...written, target: null }
  const target = viewOf(variant.view, field.type.entity)
  return { ...written, target: { entity: target.entity, visible: target.read } }
}
