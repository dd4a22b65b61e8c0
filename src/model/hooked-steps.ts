/** Which steps of actions run hooks. */

import type { ActionStep, EnsureStep } from './action.ts'
import { type Hook, hasHooksFor } from './model.ts'

/** Whether an `ensure` writes rows of an entity with these hooks. */
export function ensuresWithHooks(step: EnsureStep, hooks: readonly Hook[]): boolean {
  return hasHooksFor(hooks, 'create') || (step.existing.length > 0 && hasHooksFor(hooks, 'update'))
}

/** Whether a step would pass hooks by: an `ensure` for each element that changes existing rows does not run hooks yet. */
export function passesHooksBy(step: ActionStep, hooksOf: (entity: string) => readonly Hook[]): boolean {
  return step.verb === 'ensure' && step.each !== null && step.existing.length > 0 && ensuresWithHooks(step, hooksOf(step.entity))
}
