/**
 * The parts of a design that this version checks but does not execute. Their names and expressions are checked like all others. Each part
 * becomes an entry of `pending`, which `plan` shows, so that no part is ignored silently.
 */

import { scalarType } from '../../model/expression.ts'
import type { Pending } from '../../model/model.ts'
import type { ActionDesign, Reaction, ScheduleDesign, WorkflowDesign } from '../authoring/behaviour-design.ts'
import type { Design } from '../authoring/design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { Expressions } from '../outline/expressions.ts'
import { condition, term } from '../outline/expressions.ts'
import type { EntityOutline, Outline } from '../outline/outline.ts'
import { hasEntity, isBroken } from '../outline/outline.ts'
import { checkMemberName } from '../outline/outline-names.ts'
import { fieldType } from './field-types.ts'

interface BehaviourContext extends Expressions {
  readonly outline: Outline
  readonly design: Design
}

/** Checks the parts that have no effect yet. Returns them in the order of the design. */
export function resolveBehaviour(context: BehaviourContext): readonly Pending[] {
  const { design, outline } = context
  for (const entity of outline.entities.values()) checkActions(entity.design.actions, { entity, at: [...entity.at, 'actions'] }, context)
  checkActions(design.actions, { entity: null, at: ['actions'] }, context)
  for (const [event, reactions] of Object.entries(design.on ?? {})) checkEvent(event, reactions, context)
  for (const [name, workflow] of Object.entries(design.workflows ?? {})) checkWorkflow(name, workflow, context)
  for (const [name, schedule] of Object.entries(design.schedules ?? {})) checkSchedule(name, schedule, context)
  return pendingParts(design)
}

const ENTITY_PARTS = ['cache', 'history', 'hooks', 'actions'] as const
const DESIGN_PARTS = ['on', 'actions', 'schedules', 'workflows', 'routes', 'integrations'] as const
const FEATURES = {
  cache: 'caching',
  history: 'history',
  hooks: 'hooks',
  actions: 'actions',
  on: 'events',
  schedules: 'schedules',
  workflows: 'workflows',
  routes: 'routes',
  integrations: 'integrations',
} as const satisfies Record<(typeof ENTITY_PARTS)[number] | (typeof DESIGN_PARTS)[number], string>

function pendingParts(design: Design): readonly Pending[] {
  const pending: Pending[] = []
  for (const [name, entity] of Object.entries(design.entities)) {
    for (const part of ENTITY_PARTS) if (isUsed(entity[part])) pending.push({ path: ['entities', name, part], feature: FEATURES[part] })
  }
  for (const part of DESIGN_PARTS) {
    const value = design[part]
    if (!isUsed(value)) continue
    if (typeof value !== 'object' || part === 'integrations') pending.push({ path: [part], feature: FEATURES[part] })
    else for (const key of Object.keys(value ?? {})) pending.push({ path: [part, key], feature: FEATURES[part] })
  }
  return pending
}

/** False for `history: false` and for an empty object, which request nothing. */
function isUsed(value: unknown): boolean {
  if (value === undefined || value === false) return false
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0
}

function checkSchedule(name: string, { timeZone }: ScheduleDesign, { report }: BehaviourContext): void {
  const at = ['schedules', name]
  checkMemberName(name, { what: 'a schedule', at, report })
  if (timeZone === undefined || isTimeZone(timeZone)) return
  report.add('PLN-D106', [...at, 'timeZone'], `expected an IANA time zone such as "Europe/Berlin", found ${quote(timeZone)}`)
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function checkActions(
  actions: Readonly<Record<string, ActionDesign>> | undefined,
  { entity, at }: { readonly entity: EntityOutline | null; readonly at: Path },
  context: BehaviourContext,
): void {
  for (const [name, action] of Object.entries(actions ?? {})) {
    const place = [...at, name]
    checkMemberName(name, { what: 'an action', at: place, report: context.report })
    if (action.allow !== undefined) {
      const standing = { entity: entity?.name ?? null, place: entity === null ? 'default' : 'rule', at: [...place, 'allow'] } as const
      condition(action.allow, standing, context)
    }
    for (const side of ['input', 'output'] as const) checkParameters(action[side], [...place, side], context)
  }
}

function checkParameters(fields: ActionDesign['input'], at: Path, { outline, report }: BehaviourContext): void {
  for (const [name, design] of Object.entries(fields ?? {})) {
    const place = [...at, name]
    checkMemberName(name, { what: 'a field', at: place, report })
    if (design.type === 'computed') report.add('PLN-D214', [...place, 'type'], 'an action has no row to compute a field from')
    else if (design.type === 'sequence') report.add('PLN-D214', [...place, 'type'], 'an action has no rows to number')
    else if (design.type !== 'ref') fieldType(design, place, report)
    else if (!hasEntity(outline, design.entity)) unknownEntity(design.entity, [...place, 'entity'], { outline, report })
  }
}

function unknownEntity(name: string, at: Path, { outline, report }: Pick<BehaviourContext, 'outline' | 'report'>): void {
  report.add('PLN-D208', at, `unknown entity ${quote(name)}${didYouMean(name, outline.entities.keys())}`)
}

function checkEvent(event: string, reactions: readonly Reaction[], context: BehaviourContext): void {
  const at = ['on', event]
  const [name = '', happening = '', ...rest] = event.split('.')
  const entity = context.outline.entities.get(name)
  if (!hasEntity(context.outline, name)) {
    if (rest.length > 0 || happening === '')
      context.report.add('PLN-D220', at, `${quote(event)} is not an event`, 'write it like Post.created')
    else unknownEntity(name, at, context)
    return
  }
  if (entity === undefined) return
  const known = eventsOf(entity, context.design)
  if (rest.length > 0 || !known.includes(happening)) {
    context.report.add(
      'PLN-D220',
      at,
      `unknown event ${quote(event)}${didYouMean(
        event,
        known.map((k) => `${name}.${k}`),
      )}`,
      `the events of ${name} are ${known.join(', ')}`,
    )
  }
  checkReactions(reactions, { entity, at }, context)
}

/** The events of an entity: its writes, its own actions, and the transitions of its workflows. */
function eventsOf(entity: EntityOutline, design: Design): readonly string[] {
  const workflows = Object.values(design.workflows ?? {}).filter((workflow) => workflow.entity === entity.name)
  const transitions = workflows.flatMap((workflow) => Object.keys(workflow.transitions))
  return ['created', 'updated', 'deleted', ...Object.keys(entity.design.actions ?? {}), ...transitions]
}

function checkReactions(
  reactions: readonly Reaction[],
  { entity, at }: { readonly entity: EntityOutline; readonly at: Path },
  context: BehaviourContext,
): void {
  reactions.forEach((reaction, i) => {
    const place = [...at, i]
    const standing = { entity: entity.name, place: 'rule' } as const
    if (reaction.when !== undefined) condition(reaction.when, { ...standing, at: [...place, 'when'] }, context)
    if ('email' in reaction) term(reaction.to, { ...standing, at: [...place, 'to'], expected: scalarType('email') }, context)
    if ('webhook' in reaction) checkWebhook(reaction.webhook, [...place, 'webhook'], context)
  })
}

function checkWebhook(name: string, at: Path, { design, report }: BehaviourContext): void {
  const known = Object.keys(design.integrations?.webhooks ?? {})
  if (!known.includes(name))
    report.add('PLN-D222', at, `unknown webhook ${quote(name)}${didYouMean(name, known)}`, 'declare it under integrations.webhooks')
}

function checkWorkflow(name: string, workflow: WorkflowDesign, context: BehaviourContext): void {
  const { outline, report } = context
  const at = ['workflows', name]
  checkMemberName(name, { what: 'a workflow', at, report })
  const entity = outline.entities.get(workflow.entity)
  if (!hasEntity(outline, workflow.entity)) unknownEntity(workflow.entity, [...at, 'entity'], context)
  if (entity === undefined) return
  const field = entity.fields.get(workflow.field)
  if (field === undefined) {
    if (!isBroken(outline, [...entity.at, 'fields', workflow.field])) {
      report.add('PLN-D207', [...at, 'field'], `unknown field ${quote(workflow.field)}${didYouMean(workflow.field, entity.fields.keys())}`)
    }
  } else if (field.design.type !== 'choice') {
    report.add('PLN-D221', [...at, 'field'], `${quote(workflow.field)} is of type ${field.design.type}, not choice`)
  }
  const states = field?.design.type === 'choice' ? field.design.values : null
  for (const transition of Object.keys(workflow.transitions)) checkTransition(transition, { workflow, entity, states, at }, context)
}

interface TransitionPlace {
  readonly workflow: WorkflowDesign
  readonly entity: EntityOutline
  /** Null when the field holds no states. */
  readonly states: readonly string[] | null
  readonly at: Path
}

function checkTransition(name: string, { workflow, entity, states, at }: TransitionPlace, context: BehaviourContext): void {
  const transition = workflow.transitions[name]
  if (transition === undefined) return
  const place = [...at, 'transitions', name]
  checkMemberName(name, { what: 'a transition', at: place, report: context.report })
  const { from, to } = transition
  const ends = [
    ...(typeof from === 'string' ? [{ state: from, key: ['from'] }] : from.map((state, i) => ({ state, key: ['from', i] }))),
    { state: to, key: ['to'] },
  ]
  for (const { state, key } of ends) {
    if (states === null || states.includes(state)) continue
    context.report.add(
      'PLN-D221',
      [...place, ...key],
      `unknown state ${quote(state)}${didYouMean(state, states)}`,
      `the states are ${states.join(', ')}`,
    )
  }
  for (const key of ['allow', 'guard'] as const) {
    const source = transition[key]
    if (source !== undefined) condition(source, { entity: entity.name, place: 'rule', at: [...place, key] }, context)
  }
  checkReactions(transition.trigger ?? [], { entity, at: [...place, 'trigger'] }, context)
}
