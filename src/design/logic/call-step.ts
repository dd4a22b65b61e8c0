/** Resolves `call` and `enqueue`, which give values to inputs, and finds circles of calls. */

import type { Action, ActionInput, CallStep, EnqueueStep } from '../../model/action.ts'
import { actionLabel, actionNamed } from '../../model/action-tree.ts'
import { scalarType, type Term } from '../../model/expression.ts'
import type { CallDesign, EnqueueDesign, ValueDesign } from '../authoring/logic-design.ts'
import { spanMs } from '../authoring/span.ts'
import type { Report } from '../findings/report.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { isBroken, isBrokenAction } from '../outline/outline.ts'
import { type ActionSource, elementsAt, elementsWords, termAt } from './logic-context.ts'
import type { ResolvedStep, StepStart } from './step-place.ts'
import { part, reportMissing, type StepPlace } from './step-place.ts'
import { valueAt } from './values.ts'

/** Resolves `call`. */
export function callStep(design: CallDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const { report } = place.context
  const called = place.index.sources.find((source) => actionLabel(source) === design.call)
  if (called === undefined) {
    if (isBrokenAction(place.context.outline, design.call)) return null
    const known = place.index.sources.map(actionLabel)
    report.add('PLN-D549', [...place.at, 'call'], `unknown action ${quote(design.call)}${nearAction(design.call, known)}`)
    return null
  }
  if (called.design.steps?.some((step) => 'signIn' in step) === true) {
    const message = `${actionLabel(called)} signs in, so only its callers may run it`
    report.add('PLN-D531', [...place.at, 'call'], message, 'use its steps here, without signIn')
    return null
  }
  const on = rowOf(design, called, place)
  const inputs = callInputs(design.input ?? {}, called, part(place, 'input'))
  if (on === undefined) return null
  const step: CallStep = { ...base, verb: 'call', action: { entity: called.entity, name: called.name }, on, inputs }
  return { step, result: null, maybe: false }
}

/** The action that is probably meant: the only one with the last part of the name, or one with a similar name. */
function nearAction(name: string, known: readonly string[]): string {
  const last = name.split('.').at(-1)
  const [only, ...others] = known.filter((one) => one.split('.').at(-1) === last)
  return only !== undefined && others.length === 0 ? `, did you mean ${quote(only)}?` : didYouMean(name, known)
}

/** The row of the called action; undefined, with a finding, if it is of another entity or not given. */
function rowOf(design: CallDesign, called: ActionSource, place: StepPlace): CallStep['on'] | undefined {
  const { report } = place.context
  if (called.entity === null) {
    if (design.on !== undefined) report.add('PLN-D518', [...place.at, 'on'], `${called.name} is about no row`, 'remove on')
    return null
  }
  if (design.on === undefined) {
    report.add(
      'PLN-D518',
      [...place.at, 'call'],
      `call: ${actionLabel(called)} needs a row`,
      `add on, such as on: ${place.action.entity === called.entity ? 'row' : 'row.…'}`,
    )
    return undefined
  }
  const at = part(place, 'on')
  const found = elementsAt(at, design.on)
  if (found === null) return undefined
  if (found.kind !== 'row' || found.path.entity !== called.entity) {
    report.add('PLN-D312', at.at, `${actionLabel(called)} is about one ${called.entity}, and this is ${elementsWords(found)}`)
    return undefined
  }
  reportMissing(found.path, at)
  return found.path
}

/** The values that a step gives to the inputs of an action or a job. Reports unknown and missing ones. */
export function callInputs(
  given: Readonly<Record<string, ValueDesign>>,
  called: ActionSource,
  place: StepPlace,
): readonly CallStep['inputs'][number][] {
  const { report } = place.context
  const inputs = place.index.inputs.get(called) ?? []
  for (const input of inputs) {
    if (!input.optional && !Object.hasOwn(given, input.name))
      report.add('PLN-D512', place.at, `${actionLabel(called)} needs the input ${quote(input.name)}`, `add input: { ${input.name}: … }`)
  }
  return Object.entries(given).flatMap(([name, design]): readonly CallStep['inputs'][number][] => {
    const at = part(place, name)
    const input = inputs.find((each) => each.name === name)
    if (input === undefined) {
      if (isBroken(place.context.outline, [...called.at, 'input', name])) return []
      const known = inputs.map((each) => each.name)
      report.add('PLN-D510', at.at, `${actionLabel(called)} has no input ${quote(name)}${didYouMean(name, known)}`)
      return []
    }
    const value = inputValue(design, input, at)
    return value === null ? [] : [{ name, value }]
  })
}

function inputValue(design: ValueDesign, { name, nullable, type }: ActionInput, place: StepPlace): Term | null {
  const target = { named: `the input ${quote(name)}`, optional: nullable, bare: null, once: false }
  if (type.kind === 'value') return valueAt(design, { ...target, type: type.type }, place)
  const scalar = place.context.outline.entities.get(type.entity)?.idScalar ?? 'uuid'
  const reference = { kind: 'ref', entity: type.entity, inverse: null, onDelete: 'restrict', acyclic: false, scalar } as const
  return valueAt(design, { ...target, type: reference }, place)
}

/** The longest delay of a job, in milliseconds. */
export const MOST_DELAY_MS = 365 * 86_400_000

/** Resolves `enqueue`. */
export function enqueueStep(design: EnqueueDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const { report, design: whole } = place.context
  const job = place.index.jobs.find(({ name }) => name === design.enqueue)
  if (job === undefined) {
    if (isBroken(place.context.outline, ['jobs', design.enqueue])) return null
    const known = Object.keys(whole.jobs ?? {})
    const hint = known.length === 0 ? 'declare it under jobs' : undefined
    report.add('PLN-D623', [...place.at, 'enqueue'], `unknown job ${quote(design.enqueue)}${didYouMean(design.enqueue, known)}`, hint)
    return null
  }
  const inputs = callInputs(design.input ?? {}, job, part(place, 'input'))
  if (design.at !== undefined && design.delay !== undefined)
    report.add('PLN-D209', [...place.at, 'delay'], 'at and delay both say when the job runs', 'remove delay')
  const spans = [design.delay, whole.jobs?.[job.name]?.delay].flatMap((span) => (span === undefined ? [] : [spanMs(span) ?? 0]))
  if (design.delay !== undefined && (spans[0] ?? 0) > MOST_DELAY_MS)
    report.add('PLN-D105', [...place.at, 'delay'], `expected a time of up to 365d, found ${design.delay}`)
  const runAt = design.at === undefined ? null : termAt(part(place, 'at'), design.at, { bare: null, expected: scalarType('timestamp') })
  const step: EnqueueStep = {
    ...base,
    verb: 'enqueue',
    job: job.name,
    inputs,
    runAt,
    delayMs: design.at === undefined ? (spans[0] ?? 0) : 0,
  }
  return { step, result: null, maybe: false }
}

/** The most steps of an action with those of the actions that it calls, and the most levels of calls. */
const MOST_STEPS = 50
const MOST_LEVELS = 5

/** Reports actions that are too large once the steps of called actions stand in place of the calls. Circles are left out. */
export function reportLargeCalls(actions: readonly Action[], report: Report): void {
  const sizes = new Map<string, { readonly steps: number; readonly levels: number }>()
  const sizeOf = (action: Action, trail: readonly Action[]): { readonly steps: number; readonly levels: number } => {
    const label = actionLabel(action)
    const known = sizes.get(label)
    if (known !== undefined) return known
    if (trail.includes(action)) return { steps: 0, levels: 0 }
    const inner = action.steps.map((step) => {
      const called = step.verb === 'call' ? actionNamed(actions, step.action) : undefined
      return called === undefined ? { steps: 1, levels: 0 } : sizeOf(called, [...trail, action])
    })
    const steps = inner.reduce((sum, each) => sum + each.steps, 0)
    const size = { steps, levels: 1 + Math.max(0, ...inner.map(({ levels }) => levels)) }
    sizes.set(label, size)
    return size
  }
  for (const action of actions) {
    const { steps, levels } = sizeOf(action, [])
    if (!action.steps.some(({ verb }) => verb === 'call')) continue
    const at = [...action.at, 'steps']
    if (steps > MOST_STEPS) report.add('PLN-D107', at, `${steps} steps with those of called actions; at most ${MOST_STEPS} are possible`)
    if (levels - 1 > MOST_LEVELS) report.add('PLN-D107', at, `${levels - 1} levels of calls; at most ${MOST_LEVELS} are possible`)
  }
}

/** Reports actions that call one another in a circle, once for each circle. */
export function reportCallCircles(actions: readonly Action[], report: Report): void {
  const byLabel = new Map(actions.map((action) => [actionLabel(action), action]))
  const done = new Set<string>()
  const visit = (label: string, trail: readonly string[]): void => {
    const start = trail.indexOf(label)
    const action = byLabel.get(label)
    if (start >= 0 && action !== undefined) {
      const circle = [...trail.slice(start), label].join(' → ')
      report.add('PLN-D517', action.at, `actions call one another in a circle: ${circle}`, 'let one of them do its steps itself')
    }
    if (start >= 0 || done.has(label) || action === undefined) return
    for (const step of action.steps) if (step.verb === 'call') visit(actionLabel(step.action), [...trail, label])
    done.add(label)
  }
  for (const label of byLabel.keys()) visit(label, [])
}
