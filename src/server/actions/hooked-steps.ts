/** Actions whose steps would pass hooks by. */

import { failure } from '../../base/failure.ts'
import { memoPair } from '../../base/memo.ts'
import { nameOf } from '../../compile/actions/program.ts'
import type { Action } from '../../model/action.ts'
import { withCalled } from '../../model/action-tree.ts'
import { entityNamed, hasHooksFor, type Model } from '../../model/model.ts'

/** The first entity with hooks whose rows an action ensures; null for none. */
const hookedBy = memoPair((model: Model, action: Action): { readonly entity: string | null } => {
  const steps = withCalled(action, model.actions).flatMap((one) => one.steps)
  const hooked = steps.flatMap((step) => {
    if (step.verb !== 'ensure') return []
    const { hooks } = entityNamed(model, step.entity)
    return hasHooksFor(hooks, 'create') || (step.existing.length > 0 && hasHooksFor(hooks, 'update')) ? [step.entity] : []
  })
  return { entity: hooked[0] ?? null }
})

/**
 * The step `ensure` does not run hooks yet, and a hook may refuse. So an action whose steps would pass a hook by does nothing.
 *
 * @throws Failure `not_implemented`
 */
export function refuseHookedSteps(model: Model, action: Action): void {
  const { entity } = hookedBy(model, action)
  if (entity !== null) throw failure('not_implemented', { what: `action ${nameOf(action)} with the step ensure and the hooks of ${entity},` })
}
