/**
 * The parts of a design that this version checks but does not execute. Each part becomes an entry of `pending`, which `plan` shows, so that
 * no part is ignored silently.
 */

import type { Pending } from '../../model/parts/goals.ts'
import type { Design } from '../authoring/design.ts'
import { hasEffect } from '../logic/events.ts'

const ENTITY_PARTS = ['cache', 'history'] as const
const FEATURES = {
  cache: 'caching',
  history: 'history',
  on: 'publishing events',
  integrations: 'message brokers',
} as const satisfies Record<(typeof ENTITY_PARTS)[number] | 'on' | 'integrations', string>

/** The integrations that this version executes. */
const WITH_EFFECT: ReadonlySet<string> = new Set(['backends', 'email', 'http', 'webhooks'])

/** All parts without effect. */
export function pendingParts(design: Design): readonly Pending[] {
  const pending: Pending[] = []
  for (const [name, entity] of Object.entries(design.entities)) {
    for (const part of ENTITY_PARTS) if (isUsed(entity[part])) pending.push({ path: ['entities', name, part], feature: FEATURES[part] })
  }
  pending.push(...pendingReactions(design), ...pendingIntegrations(design))
  return pending
}

/** The integrations without effect, each by its key. */
function pendingIntegrations({ integrations = {} }: Design): readonly Pending[] {
  const without = Object.keys(integrations).filter((key) => !WITH_EFFECT.has(key))
  return without.map((key) => ({ path: ['integrations', key], feature: FEATURES.integrations }))
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
