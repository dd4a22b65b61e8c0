/**
 * The parts of a design that this version checks but does not execute. Each part becomes an entry of `pending`, which `plan` shows, so that
 * no part is ignored silently.
 */

import type { Pending } from '../../model/parts/goals.ts'
import type { Design } from '../authoring/design.ts'

const ENTITY_PARTS = ['cache', 'history'] as const
const FEATURES = { cache: 'caching', history: 'history' } as const satisfies Record<(typeof ENTITY_PARTS)[number], string>

/** All parts without effect. */
export function pendingParts(design: Design): readonly Pending[] {
  const pending: Pending[] = []
  for (const [name, entity] of Object.entries(design.entities)) {
    for (const part of ENTITY_PARTS) if (isUsed(entity[part])) pending.push({ path: ['entities', name, part], feature: FEATURES[part] })
  }
  return pending
}

/** False for `history: false` and for an empty object, which request nothing. */
function isUsed(value: unknown): boolean {
  if (value === undefined || value === false) return false
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0
}
