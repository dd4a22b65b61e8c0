/** Reviews serializable actions: writes beside them that are not serializable can break what they decide. */

import type { Action } from '../../model/action.ts'
import { actionLabel, withCalled, writesOf } from '../../model/action-tree.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { isNever, ruleFor } from '../../model/predicate.ts'
import { either, type Report } from '../findings/report.ts'

/** Adds the findings about the isolation of actions. */
export function reviewIsolation(model: Model, report: Report): void {
  for (const action of model.actions) {
    if (action.isolation !== 'serializable' || action.reads) continue
    for (const entity of searchedBy(action, model)) {
      const others = otherWriters(entity, model)
      if (others.length === 0) continue
      const message = `${actionLabel(action)} decides by rows of ${entity}, which ${either(others)} may change at Read Committed meanwhile`
      report.add('PLN-D599', [...action.at, 'isolation'], message, `make these writes serializable actions, or close them`)
    }
  }
}

/** The entities in whose rows an action searches. Rows that the request names or that belong to a row are locked in any case. */
function searchedBy(action: Action, { actions }: Model): readonly string[] {
  const steps = withCalled(action, actions).flatMap((one) => one.steps)
  const searched = steps.flatMap((step) =>
    (step.verb === 'find' || step.verb === 'list') && step.from.kind === 'entity' ? [step.entity] : [],
  )
  return [...new Set(searched)]
}

const OPERATIONS = ['create', 'update', 'delete'] as const

/** What writes rows of an entity at Read Committed: operations that its rules open, and actions. */
function otherWriters(name: string, model: Model): readonly string[] {
  const entity = entityNamed(model, name)
  const open = OPERATIONS.filter((operation) => !isNever(ruleFor(entity, operation)))
  const actions = model.actions.filter(
    (action) => action.isolation !== 'serializable' && writesOf(action, model.actions).some((write) => write.entity === name),
  )
  return [...open.map((operation) => `access.${operation}`), ...actions.map(actionLabel)]
}
