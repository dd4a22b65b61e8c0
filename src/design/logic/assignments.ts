/** Resolves `set` and `existing`: the values that a step gives to fields. */

import type { ActionInput, Assignment } from '../../model/action.ts'
import { ALWAYS, scalarType, type Term } from '../../model/expression.ts'
import { type Entity, type Field, isToken } from '../../model/model.ts'
import { isFresh, usesNewField } from '../../model/own-row.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import type { ValueDesign } from '../authoring/logic-design.ts'
import { quote } from '../findings/report.ts'
import { fieldAt } from './inputs.ts'
import { type Bare, type LogicPlace, within } from './logic-context.ts'
import { valueAt } from './values.ts'

/** What `set` may be: values by field, or the word `input`. */
export type SetDesign = Readonly<Record<string, ValueDesign>> | 'input' | undefined

interface Target {
  readonly entity: Entity
  /** Whether the rows are new; a new row has no fields that values could name. */
  readonly isNew: boolean
  readonly inputs: readonly ActionInput[]
}

/** The assignments of a step, in the order of the design. */
export function assignmentsOf(set: SetDesign, target: Target, place: LogicPlace): readonly Assignment[] {
  if (set === undefined) return []
  if (set === 'input') return target.inputs.flatMap((input) => fromInput(input, target, place))
  return Object.entries(set).flatMap(([name, design]) => {
    const at = within(place, name)
    const field = settable(name, target, at)
    if (field === null) return []
    const bare: Bare = target.isNew ? null : { entity: target.entity.name, row: 'step' }
    const value = valueAt(design, { ...field, named: `${target.entity.name}.${name}`, bare, once: true }, at)
    if (value !== null) reportFresh(name, value, target, at)
    return value === null ? [] : [{ field: name, value, ifSent: unsent(design, target.inputs) }]
  })
}

/** Reports a value such as `uuid()` that a field with `set` uses too: each use would have another value. */
function reportFresh(name: string, value: Term, { entity }: Target, { at, context }: LogicPlace): void {
  const user = entity.fields.find((field) => field.default?.kind === 'set' && usesNewField(field.default.term, name))
  if (user !== undefined && isFresh(value))
    context.report.add('PLN-D553', at, `${quote(user.name)} is set from ${quote(name)}, whose value is new at each use`)
}

/** The name of the input, if the value is an input that may be left out; null otherwise. */
function unsent(design: ValueDesign, inputs: readonly ActionInput[]): string | null {
  const name = typeof design === 'string' ? /^\s*input\.([A-Za-z][A-Za-z0-9]*)\s*$/.exec(design)?.[1] : undefined
  const input = inputs.find((each) => each.name === name)
  return input?.optional === true && input.default === null ? input.name : null
}

/** `set: input`: the input sets the field of its name. */
function fromInput(input: ActionInput, target: Target, place: LogicPlace): readonly Assignment[] {
  const { entity } = target
  if (!entity.fields.some(({ name }) => name === input.name)) {
    const message = `set: input needs a field for each input, and ${entity.name} has no field ${quote(input.name)}`
    place.context.report.add('PLN-D510', place.at, message, 'write the fields and their values one by one')
    return []
  }
  const field = settable(input.name, target, place)
  const value = field === null ? null : inputValue(input, field, { target, place })
  return value === null ? [] : [{ field: input.name, value, ifSent: unsent(`input.${input.name}`, target.inputs) }]
}

function inputValue(input: ActionInput, field: Field, { target, place }: { target: Target; place: LogicPlace }): Term | null {
  if (input.type.kind === 'value' && input.type.type.kind === 'password' && field.type.kind === 'password')
    return { kind: 'input', type: scalarType('text'), field: input.name }
  return valueAt(`input.${input.name}`, { ...field, named: `${target.entity.name}.${field.name}`, bare: null, once: true }, place)
}

/** The field, if a step may give it a value; null, with a finding, otherwise. */
function settable(name: string, { entity, isNew }: Target, place: LogicPlace): Field | null {
  const field = fieldAt(entity, name, place)
  if (field === null) return null
  const { action, context, at } = place
  const { report } = context
  const named = `${entity.name}.${name}`
  const workflow = Object.entries(context.design.workflows ?? {}).find(([, w]) => w.entity === entity.name && w.field === name)
  if (workflow !== undefined) {
    const [transition = ''] = Object.keys(workflow[1].transitions)
    report.add('PLN-D514', at, `${named} is moved by the workflow ${quote(workflow[0])}`, `write call: ${entity.name}.${transition}`)
  } else if (field.system !== null && !(field.name === 'id' && isNew && field.write === ALWAYS))
    report.add('PLN-D550', at, `${named} is maintained by Plinth`, 'remove it')
  else if (isSealed(field))
    report.add(
      'PLN-D735',
      at,
      `${named} is encrypted, and a step of an action cannot encrypt`,
      'write it with an operation of the entity, or with code',
    )
  else if (field.type.kind === 'computed' || field.default?.kind === 'sequence' || isToken(field))
    report.add('PLN-D550', at, `${named} is given by the database`, 'remove it')
  else if (field.default?.kind === 'set' && action.design.as !== 'system')
    report.add('PLN-D550', at, `${named} is set by the server (set: ${field.default.source})`, 'remove it; an action as system may set it')
  else if (field.immutable && !isNew && field.default?.kind !== 'set')
    report.add('PLN-D551', at, `${named} is immutable, so it can be set only in a new row`, 'remove it')
  else return field
  return null
}
