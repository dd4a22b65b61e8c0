/** The code that may call services. */

import type { Action } from '../action.ts'
import type { CodeRoutes } from '../address/code-routes.ts'
import { allJobs, type LaterWork } from '../job.ts'
import type { ModelEvent } from '../reaction.ts'

/**
 * The code that may call services, because it opens its transaction itself: `action charge`, `job pay`, `reaction Order.created …`,
 * `routes`.
 */
export function callersOfServices(
  model: LaterWork & { readonly actions: readonly Action[]; readonly events: readonly ModelEvent[]; readonly routes: CodeRoutes | null },
): readonly string[] {
  const isOwn = ({ run }: Action): boolean => run?.ownTransaction === true
  const own = model.schedules.filter(({ calls }) => calls === null)
  return [
    ...model.actions.filter(isOwn).map(({ entity, name }) => `action ${entity === null ? '' : `${entity}.`}${name}`),
    ...model.events.flatMap(({ reactions }) =>
      reactions.flatMap((reaction) => (reaction.kind === 'run' && reaction.ownTransaction ? [`reaction ${reaction.name}`] : [])),
    ),
    ...allJobs({ jobs: model.jobs, schedules: own })
      .filter(({ action }) => isOwn(action))
      .map(({ kind }) => (kind.startsWith('schedule:') ? `schedule ${kind.slice('schedule:'.length)}` : `job ${kind}`)),
    ...(model.routes === null ? [] : ['routes']),
  ]
}
