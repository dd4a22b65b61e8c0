/**
 * The parts of a design that this version checks but does not execute. Their names and expressions are checked like all others. Each part
 * becomes an entry of `pending`, which `plan` shows, so that no part is ignored silently.
 */

import { scalarType } from '../../model/expression.ts'
import type { Pending } from '../../model/model.ts'
import type { Reaction, ScheduleDesign } from '../authoring/behaviour-design.ts'
import type { Design } from '../authoring/design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { type ActionNames, rowNamed } from '../logic/logic-context.ts'
import type { Expressions } from '../outline/expressions.ts'
import { condition, term } from '../outline/expressions.ts'
import type { EntityOutline, Outline } from '../outline/outline.ts'
import { hasEntity } from '../outline/outline.ts'
import { checkMemberName } from '../outline/outline-names.ts'

interface BehaviourContext extends Expressions {
  readonly outline: Outline
  readonly design: Design
  /** What reactions to an action may name, by `Entity.action`. */
  readonly actionNames: ReadonlyMap<string, ActionNames>
}

/** Checks events and schedules, which have no effect yet, and lists all parts without effect. */
export function resolveBehaviour(context: BehaviourContext): readonly Pending[] {
  const { design } = context
  for (const [event, reactions] of Object.entries(design.on ?? {})) checkEvent(event, reactions, context)
  for (const [name, schedule] of Object.entries(design.schedules ?? {})) checkSchedule(name, schedule, context)
  return pendingParts(design)
}

const ENTITY_PARTS = ['cache', 'history'] as const
const DESIGN_PARTS = ['on', 'schedules', 'routes', 'integrations'] as const
const FEATURES = {
  cache: 'caching',
  history: 'history',
  on: 'events',
  schedules: 'schedules',
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

function checkSchedule(name: string, { timeZone, run, call }: ScheduleDesign, { report, design }: BehaviourContext): void {
  const at = ['schedules', name]
  checkMemberName(name, { what: 'a schedule', at, report })
  if (run === undefined && call === undefined)
    report.add('PLN-D103', at, 'one of the keys run, call is missing', 'write call: and the name of an action of the design')
  if (run !== undefined && call !== undefined)
    report.add('PLN-D209', [...at, 'run'], 'a schedule runs code or calls an action, not both', 'remove run, or call')
  const actions = Object.keys(design.actions ?? {})
  if (call !== undefined && !actions.includes(call))
    report.add('PLN-D549', [...at, 'call'], `unknown action ${quote(call)}${didYouMean(call, actions)}`)
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
  const action = happening === 'updated' ? beforeOf(name) : context.actionNames.get(event)
  checkReactions(reactions, { entity, at, action }, context)
}

/** A reaction to an update sees the row before it as `before`. */
function beforeOf(entity: string): ActionNames {
  return { names: new Map([['before', rowNamed('before', entity)]]), inputs: new Map() }
}

/** The events of an entity: its writes, its own actions, and the transitions of its workflows. */
function eventsOf(entity: EntityOutline, design: Design): readonly string[] {
  const workflows = Object.values(design.workflows ?? {}).filter((workflow) => workflow.entity === entity.name)
  const transitions = workflows.flatMap((workflow) => Object.keys(workflow.transitions))
  return ['created', 'updated', 'deleted', ...Object.keys(entity.design.actions ?? {}), ...transitions]
}

function checkReactions(
  reactions: readonly Reaction[],
  { entity, at, action }: { readonly entity: EntityOutline; readonly at: Path; readonly action: ActionNames | undefined },
  context: BehaviourContext,
): void {
  reactions.forEach((reaction, i) => {
    const place = [...at, i]
    const names = action === undefined ? ({ place: 'rule' } as const) : ({ place: 'action', action } as const)
    const standing = { entity: entity.name, ...names }
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
