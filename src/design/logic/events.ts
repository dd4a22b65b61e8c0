/** Events of actions: those that follow from an action as a whole, and the step `emit`. */

import { ACTION_ROW, type Action, type ActionInput, type EmitStep, inputBinding } from '../../model/action.ts'
import { actionLabel, eventStepOf } from '../../model/action-tree.ts'
import { scalarType, type Term, type ValueType } from '../../model/expression.ts'
import { storedScalar } from '../../model/model.ts'
import { HAPPENINGS } from '../../model/reaction.ts'
import type { Design } from '../authoring/design.ts'
import type { ActionDesign, EmitDesign } from '../authoring/logic-design.ts'
import type { Report } from '../findings/report.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { isBroken } from '../outline/outline.ts'
import { type ActionSource, elementsAt, elementsWords } from './logic-context.ts'
import { part, type ResolvedStep, reportMissing, type StepPlace, type StepStart } from './step-place.ts'

/** Whether the design has a reaction to an event. */
function reactsTo({ on }: Design, event: string): boolean {
  return (on?.[event] ?? []).length > 0
}

/** The step at the end of an action of an entity that logs its event; null where nothing reacts to it, and for actions of the design. */
export function eventOfAction({ entity, name, at }: ActionSource, inputs: readonly ActionInput[], design: Design): EmitStep | null {
  if (entity === null || !reactsTo(design, `${entity}.${name}`)) return null
  const row = { binding: ACTION_ROW, root: entity, hops: [], entity }
  return {
    verb: 'emit',
    at,
    as: null,
    when: null,
    each: null,
    event: { entity, happening: name },
    row,
    inputs: inputs.flatMap(loggedInput),
    results: [],
  }
}

/** Reports reactions to actions that only read. After an error, a step that writes may be missing. */
export function reportReadEvents(actions: readonly Action[], report: Report): void {
  if (report.failed()) return
  for (const action of actions) {
    if (action.reads && eventStepOf(action) !== undefined)
      report.add('PLN-D575', ['on', actionLabel(action)], `${actionLabel(action)} only reads, so it is no event`, 'leave out the reactions')
  }
}

/** The value of an input in the log: the id of a row, and no password. */
function loggedInput({ name, type }: ActionInput): EmitStep['inputs'] {
  if (type.type.kind === 'password') return []
  const list = type.type.kind === 'list'
  const own: ValueType = { scalar: storedScalar(type.type), list }
  if (type.kind === 'value') return [{ name, value: { kind: 'input', type: own, field: name } }]
  const { entity } = type
  const id: Term = {
    kind: 'field',
    type: scalarType('uuid'),
    row: { binding: inputBinding(name), root: entity, hops: [], entity },
    field: 'id',
  }
  return [{ name, value: id }]
}

/** The events that the steps of a design log by name: `Order.confirmed`. */
export function emittedEvents({ entities, actions = {}, workflows = {} }: Design): ReadonlySet<string> {
  const all: ActionDesign[] = [
    ...Object.values(actions),
    ...Object.values(entities).flatMap((entity) => Object.values(entity.actions ?? {})),
    ...Object.values(workflows).flatMap(({ transitions }) => Object.values(transitions ?? {})),
  ]
  return new Set(all.flatMap(({ steps = [] }) => steps.flatMap((step) => ('emit' in step ? [step.emit] : []))))
}

/** Resolves `emit`. */
export function emitStep({ emit, on }: EmitDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const { report, design, entities, outline } = place.context
  const at = part(place, 'emit')
  const [entity = '', happening = '', ...rest] = emit.split('.')
  if (rest.length > 0 || !/^[a-z][A-Za-z0-9]*$/.test(happening)) {
    report.add('PLN-D220', at.at, `${quote(emit)} is not an event`, 'write it like Order.confirmed')
    return null
  }
  if (!entities.has(entity)) {
    report.add('PLN-D208', at.at, `unknown entity ${quote(entity)}${didYouMean(entity, entities.keys())}`)
    return null
  }
  const isTaken =
    HAPPENINGS.some((one) => one === happening) || place.index.sources.some((one) => one.entity === entity && one.name === happening)
  if (isTaken) report.add('PLN-D574', at.at, `${emit} is an event that Plinth logs itself`, 'choose another name')
  else if (!reactsTo(design, emit) && !isBroken(outline, ['on', emit]))
    report.add('PLN-D574', at.at, `nothing reacts to ${emit}`, 'declare a reaction under on, or remove the step')
  const isRow = on === undefined && place.action.entity === entity
  if (on === undefined && !isRow) {
    report.add('PLN-D518', at.at, `the event ${emit} needs a row`, `add on, such as on: row.…`)
    return null
  }
  const from = part(place, 'on')
  const found = elementsAt(from, on ?? 'row')
  if (found === null) return null
  if (found.kind !== 'row' || found.path.entity !== entity) {
    report.add('PLN-D312', from.at, `${emit} is about one ${entity}, and this is ${elementsWords(found)}`)
    return null
  }
  reportMissing(found.path, from)
  const step: EmitStep = { ...base, verb: 'emit', event: { entity, happening }, row: found.path, inputs: [], results: [] }
  return { step, result: null, maybe: false }
}
