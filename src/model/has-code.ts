/** Whether a design has code of its own. */

import { allJobs } from './job.ts'
import type { Model } from './model.ts'

/** Whether a design has code: routes, hooks, or actions, jobs, schedules or reactions with `run`. */
export function hasCode(model: Model): boolean {
  const { entities, actions, events } = model
  const reactions = events.flatMap((event) => event.reactions)
  const called = [...actions, ...allJobs(model).map(({ action }) => action)]
  const runs = called.some(({ run }) => run !== null) || reactions.some(({ kind }) => kind === 'run')
  return runs || model.routes !== null || entities.some(({ hooks }) => hooks.length > 0)
}
