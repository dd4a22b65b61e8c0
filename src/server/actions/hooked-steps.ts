/** Actions whose steps write rows with hooks. */

import { failure } from '../../base/failure.ts'
import { memoPair } from '../../base/memo.ts'
import { nameOf } from '../../compile/actions/program.ts'
import type { Action } from '../../model/action.ts'
import { writesOf } from '../../model/action-tree.ts'
import { entityNamed, hasHooksFor, type Model } from '../../model/model.ts'

/** The first entity with hooks that the steps of an action write; null for none. */
const hookedBy = memoPair((model: Model, action: Action): { readonly entity: string | null } => {
  const writes = writesOf(action, model.actions)
  const hooked = writes.find(({ operation, entity }) => hasHooksFor(entityNamed(model, entity).hooks, operation))
  return { entity: hooked?.entity ?? null }
})

/**
 * Refuses an action whose steps write rows with hooks. Steps do not run hooks yet, and a hook might refuse the write.
 *
 * @throws Failure `not_implemented`
 */
export function refuseHookedSteps(model: Model, action: Action): void {
  const { entity } = hookedBy(model, action)
  if (entity !== null) throw failure('not_implemented', { what: `action ${nameOf(action)} as steps, with the hooks of ${entity},` })
}
