/**
 * The parts of a design that this version checks but does not execute. Their names and expressions are checked like all others. Each part
 * becomes an entry of `pending`, which `plan` shows, so that no part is ignored silently.
 */

import type { Pending } from '../../model/model.ts'
import type { ScheduleDesign } from '../authoring/behaviour-design.ts'
import type { Design } from '../authoring/design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { hasEffect } from '../logic/events.ts'
import type { Expressions } from '../outline/expressions.ts'
import { checkMemberName } from '../outline/outline-names.ts'

interface BehaviourContext extends Expressions {
  readonly design: Design
}

/** Checks schedules, which have no effect yet, and lists all parts without effect. */
export function resolveBehaviour(context: BehaviourContext): readonly Pending[] {
  const { design } = context
  for (const [name, schedule] of Object.entries(design.schedules ?? {})) checkSchedule(name, schedule, context)
  return pendingParts(design)
}

const ENTITY_PARTS = ['cache', 'history'] as const
const DESIGN_PARTS = ['on', 'schedules', 'routes', 'integrations'] as const
const FEATURES = {
  cache: 'caching',
  history: 'history',
  on: 'reactions to other systems',
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
    if (part === 'on') pending.push(...pendingReactions(design))
    if (part === 'on' || !isUsed(value)) continue
    if (part === 'integrations' && Object.keys(value ?? {}).every((key) => key === 'email')) continue
    if (typeof value !== 'object' || part === 'integrations') pending.push({ path: [part], feature: FEATURES[part] })
    else for (const key of Object.keys(value ?? {})) pending.push({ path: [part, key], feature: FEATURES[part] })
  }
  return pending
}

/** The reactions without effect, and the events none of whose reactions has one. */
function pendingReactions(design: Design): readonly Pending[] {
  return Object.entries(design.on ?? {}).flatMap(([event, reactions]): readonly Pending[] => {
    const without = reactions.flatMap((reaction, i) => (hasEffect(reaction) ? [] : [{ path: ['on', event, i], feature: FEATURES.on }]))
    return without.length === reactions.length ? [{ path: ['on', event], feature: FEATURES.on }] : without
  })
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
