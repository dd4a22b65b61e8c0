/** Actions whose steps would pass hooks by. */

import { failure } from '../../base/failure.ts'
import { memoPair } from '../../base/memo.ts'
import { inlineCalls } from '../../compile/actions/rewrite/inline-calls.ts'
import { nameOf } from '../../compile/actions/step-sql.ts'
import type { Action } from '../../model/action.ts'
import { passesHooksBy } from '../../model/action-tree.ts'
import { entityNamed, type Model } from '../../model/model.ts'

/** The first entity whose hooks the steps of an action would pass by; null for none. */
const hookedBy = memoPair((model: Model, action: Action): { readonly entity: string | null } => {
  const hooksOf = (entity: string) => entityNamed(model, entity).hooks
  const passing = inlineCalls(action, model).steps.flatMap((step) =>
    'entity' in step && passesHooksBy(step, hooksOf) ? [step.entity] : [],
  )
  return { entity: passing[0] ?? null }
})

/**
 * An `ensure` for each element that changes existing rows does not run hooks yet, and a hook may refuse. So an action whose steps would
 * pass a hook by does nothing.
 *
 * @throws Failure `not_implemented`
 */
export function refuseHookedSteps(model: Model, action: Action): void {
  const { entity } = hookedBy(model, action)
  if (entity !== null)
    throw failure('not_implemented', { what: `action ${nameOf(action)} with ensure for each element and the hooks of ${entity},` })
}
