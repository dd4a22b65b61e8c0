/** Resolves the actions of a design. */

import type { Isolation } from '../../base/sql/statement.ts'
import { ACTION_ROW, type Action, type ActionInput, type ActionStep } from '../../model/action.ts'
import { actionLabel, eventStepOf, withCalled } from '../../model/action-tree.ts'
import { NO_ADDRESS } from '../../model/address/action-address.ts'
import { NEVER } from '../../model/expression.ts'
import type { NamedShape } from '../../model/named-shape.ts'
import type { Transition } from '../../model/workflow.ts'
import type { NamedValue } from '../expression/scope.ts'
import type { Path } from '../findings/source.ts'
import { readReference } from '../language/code-reference.ts'
import { defaultAnswer, resolveAnswer, type Shapes } from './answer.ts'
import { reportEachCalls } from './call-each.ts'
import { reportCallCircles, reportLargeCalls } from './call-step.ts'
import { eventOfAction, reportReadEvents } from './events.ts'
import { resolveInputs } from './inputs.ts'
import {
  type ActionNames,
  type ActionSource,
  type Bare,
  conditionAt,
  type LogicContext,
  type LogicPlace,
  rowNamed,
  within,
} from './logic-context.ts'
import { shapesOf } from './shapes.ts'
import { actionSources } from './sources.ts'
import type { ActionIndex, MaybeMissing } from './step-place.ts'
import { resolveSteps } from './steps.ts'
import { reportNearCodes, reportUnusedResults } from './words.ts'

/** What the reactions to an action may name, and which of it may be missing. */
export interface ActionResults extends ActionNames {
  readonly maybe: MaybeMissing
}

/** The actions, and the names that the reactions to each may use, by `Entity.action`. */
export interface ResolvedActions {
  readonly actions: readonly Action[]
  /** Jobs, and schedules with code, as actions: by `jobs.name` and `schedules.name`. */
  readonly work: ReadonlyMap<string, Action>
  readonly names: ReadonlyMap<string, ActionResults>
  readonly index: ActionIndex
  readonly shapes: readonly NamedShape[]
}

/** All actions: those of entities, those of the design, and the transitions of workflows. `workOf` are jobs and schedules as actions. */
export function resolveActions(context: LogicContext, workOf: readonly ActionSource[]): ResolvedActions {
  const sources = actionSources(context).filter(({ entity }) => entity === null || context.entities.has(entity))
  const everything = [...sources, ...workOf]
  const places = new Map(everything.map((action) => [action, placeOf(action, context)]))
  const inputs = new Map<ActionSource, readonly ActionInput[]>()
  const named = new Map<ActionSource, ReadonlyMap<string, NamedValue>>()
  for (const [action, place] of places) {
    const resolved = resolveInputs(action.design.input ?? {}, within(place, 'input'))
    inputs.set(action, resolved.inputs)
    named.set(action, resolved.names)
  }
  const shapes = shapesOf(context)
  const index: ActionIndex = { sources, jobs: workOf.filter(({ at }) => at[0] === 'jobs'), inputs }
  const names = new Map<string, ActionResults>()
  const resolve = (source: ActionSource) => {
    const inputs = named.get(source) ?? new Map()
    return { inputs, ...resolveAction({ ...(places.get(source) ?? placeOf(source, context)), inputs }, { index, shapes }) }
  }
  const actions = sources.map((source) => {
    const resolved = resolve(source)
    names.set(actionLabel(source), { names: resolved.names, inputs: resolved.inputs, maybe: resolved.maybe })
    return resolved.action
  })
  const work = new Map(workOf.map((source) => [source.at.join('.'), resolve(source).action]))
  const all = [...actions, ...work.values()]
  reportCallCircles(actions, context.report)
  reportLargeCalls(all, context.report)
  reportEachCalls(all, context.report)
  reportUnusedResults(everything, context)
  reportNearCodes(everything, context)
  const isolated = (action: Action): Action => ({ ...action, isolation: isolationOf(action, actions) })
  const judged = actions.map((action) => ({ ...isolated(action), reads: isReading(action, actions, context) }))
  reportReadEvents(judged, context.report)
  return { actions: judged, work: new Map([...work].map(([at, action]) => [at, isolated(action)])), names, index, shapes: shapes.all() }
}

function placeOf(action: ActionSource, context: LogicContext): LogicPlace {
  const names: ReadonlyMap<string, NamedValue> =
    action.entity === null ? new Map() : new Map([[ACTION_ROW, rowNamed(ACTION_ROW, action.entity)]])
  return { context, action, at: action.at, names, inputs: new Map() }
}

/** Resolves one action. Whether it only reads is added when all actions are resolved, and its address after that. */
function resolveAction(
  place: LogicPlace,
  { index, shapes }: { readonly index: ActionIndex; readonly shapes: Shapes },
): { readonly action: Action } & Pick<ActionResults, 'names' | 'maybe'> {
  const { action, context } = place
  const { design, entity, name, at } = action
  checkParts(action, context)
  const inputs = index.inputs.get(action) ?? []
  const bare: Bare = entity === null ? null : { entity, row: 'action' }
  const allow = design.allow === undefined ? NEVER : conditionAt(within(place, 'allow'), design.allow, bare)
  const { steps, names, maybe } = resolveSteps(design.steps ?? [], within(place, 'steps'), { inputs, index })
  const event = eventOfAction(action, inputs, context.design)
  const output = resolveInputs(design.output ?? {}, within(place, 'output')).inputs
  const answer =
    design.run !== undefined
      ? ({ kind: 'output' } as const)
      : design.answer === undefined
        ? defaultAnswer({ entity, steps })
        : resolveAnswer(design.answer, { ...within(place, 'answer'), names, maybe, shapes, bare: null, prefix: '' })
  const resolved: Action = {
    name,
    entity,
    at,
    description: design.description ?? null,
    as: design.as ?? 'caller',
    allow,
    allowSource: oneLine(design.allow),
    inputs,
    transition: transitionOf(place),
    steps: event === null ? steps : [...steps, event],
    run: design.run === undefined ? null : { code: design.run, output, ownTransaction: design.transaction === 'own' },
    answer,
    address: NO_ADDRESS,
    restAnswer: null,
    page: design.template === undefined ? null : { file: design.template, template: null },
    failurePage: design.errorTemplate === undefined ? null : { file: design.errorTemplate, template: null },
    isolation: design.isolation ?? 'read committed',
    signsOut: design.signOut === true,
    reads: false,
  }
  return { action: resolved, names, maybe }
}

function oneLine(source: string | undefined): string | null {
  return source?.trim().replaceAll(/\s*\n\s*/g, ' ') ?? null
}

/** Reports parts that exclude one another. */
function checkParts({ design, at, transition }: ActionSource, { report, shape }: LogicContext): void {
  const reference = typeof design.run === 'string' ? readReference(design.run) : null
  if (reference !== null && 'wrong' in reference)
    report.add('PLN-D554', [...at, 'run'], reference.wrong, 'use a path such as logic/checkout.ts#confirm')
  if (design.run !== undefined && design.steps !== undefined)
    report.add('PLN-D209', [...at, 'run'], 'an action has steps or run, not both', 'remove run, or steps')
  if (design.run !== undefined && design.answer !== undefined)
    report.add('PLN-D209', [...at, 'answer'], 'the code of run gives the answer', 'remove answer, and write output')
  if (design.signOut === true && shape.signsIn === undefined)
    report.add('PLN-D531', [...at, 'signOut'], 'no entity of the design has an identity, so nobody can sign out')
  if (design.signOut === true && design.steps?.some((step) => 'signIn' in step) === true)
    report.add('PLN-D209', [...at, 'signOut'], 'an action signs in or signs out, not both', 'remove signOut')
  if (design.transaction !== undefined && transition !== null)
    report.add('PLN-D209', [...at, 'transaction'], 'a transition moves the state in its own transaction', 'remove transaction')
  for (const key of ['output', 'reads', 'transaction'] as const)
    if (design.run === undefined && design[key] !== undefined)
      report.add('PLN-D209', [...at, key], `${key} is about the code of run, and there is none`, `remove ${key}`)
}

function transitionOf(place: LogicPlace): Transition | null {
  const { transition, entity } = place.action
  if (transition === null || entity === null) return null
  const { design, workflow, workflowDesign } = transition
  return {
    workflow,
    field: workflowDesign.field,
    from: typeof design.from === 'string' ? [design.from] : design.from,
    to: design.to,
    guard: design.guard === undefined ? null : conditionAt(within(place, 'guard'), design.guard, { entity, row: 'action' }),
    guardSource: oneLine(design.guard),
  }
}

/** Whether a step of each verb writes. A `call` writes if a step of the called action does. */
const WRITES: Readonly<Record<Exclude<ActionStep['verb'], 'call'>, boolean>> = {
  find: false,
  list: false,
  require: false,
  create: true,
  ensure: true,
  update: true,
  delete: true,
  emit: true,
  enqueue: true,
  signIn: true,
}

/** The isolation of an action: its steps and those of the actions that it calls run in one transaction. */
function isolationOf(action: Action, all: readonly Action[]): Isolation {
  return withCalled(action, all).some(({ isolation }) => isolation === 'serializable') ? 'serializable' : 'read committed'
}

/** Whether the action writes nothing. A session that it begins or ends is a write. */
function isReading(action: Action, all: readonly Action[], context: LogicContext): boolean {
  if (action.signsOut) return false
  const source = designOf(action.at, context)
  return source.run !== undefined ? source.reads === true : !writes(action, all, new Set())
}

function writes(action: Action, all: readonly Action[], seen: Set<string>): boolean {
  const label = actionLabel(action)
  if (seen.has(label)) return false
  seen.add(label)
  if (action.transition !== null || action.run !== null) return true
  const event = eventStepOf(action)
  return action.steps.some((step) => {
    // That something reacts to an action does not make it a write.
    if (step === event) return false
    if (step.verb !== 'call') return WRITES[step.verb]
    const called = all.find((each) => actionLabel(each) === actionLabel(step.action))
    return called !== undefined && writes(called, all, seen)
  })
}

/** The part of the design that declares an action. */
export function designOf(at: Path, { design }: LogicContext): ActionSource['design'] {
  return at.reduce((part: unknown, key) => (part as Record<string, unknown>)[key], design) as ActionSource['design']
}
