/** The logic that a design names: what its project should have tests for. */

import type { Action } from '../../model/action.ts'
import type { Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'

/** The parts of a design that name logic. */
export type LogicKind = 'action' | 'hook' | 'job' | 'schedule' | 'reaction' | 'routes'

/** One piece of logic. */
export interface NamedLogic {
  readonly kind: LogicKind
  /** `Order.pay`, `Article.beforeCreate`, `refund`. */
  readonly name: string
  /** Where the design has it. */
  readonly at: readonly string[]
  /** Its code: a function, or a path as the design has it. Null for an action of steps. */
  readonly code: string | ((...args: never[]) => unknown) | null
}

/**
 * The actions that somebody may call, the hooks, and the code of jobs, schedules, reactions and routes, in the order of the design. The
 * order is the same before and after the code is loaded. Actions of steps that only other steps call are left out: they are tested with
 * those.
 */
export function namedLogic(model: Model): readonly NamedLogic[] {
  const { actions, entities, jobs, schedules, events, routes } = model
  return [
    ...actions
      .filter((action) => action.run !== null || isCallable(action))
      .map((action) => logicOf('action', labelOf(action), action.at, action.run?.code ?? null)),
    ...entities.flatMap(({ name, hooks }) =>
      hooks.map(({ moment, code }) => logicOf('hook', `${name}.${moment}`, ['entities', name, 'hooks', moment], code)),
    ),
    ...jobs.flatMap(({ kind, action }) => (action.run === null ? [] : [logicOf('job', kind, action.at, action.run.code)])),
    ...schedules.flatMap(({ name, calls, job }) =>
      calls !== null || job.action.run === null ? [] : [logicOf('schedule', name, job.action.at, job.action.run.code)],
    ),
    ...events.flatMap(({ entity, happening, reactions }) =>
      reactions.flatMap((reaction, i) =>
        reaction.kind === 'run'
          ? [logicOf('reaction', `${entity}.${happening}${i === 0 ? '' : `.${i + 1}`}`, reaction.at, reaction.code)]
          : [],
      ),
    ),
    ...(routes === null ? [] : [logicOf('routes', 'routes', ['routes'], routes.code)]),
  ]
}

function logicOf(kind: LogicKind, name: string, at: readonly (string | number)[], code: NamedLogic['code']): NamedLogic {
  return { kind, name, at: at.map(String), code }
}

function labelOf({ entity, name }: Action): string {
  return entity === null ? name : `${entity}.${name}`
}

/** Whether requests may call an action: those of callers that `allow` names, or signed ones. */
function isCallable({ allow, address }: Action): boolean {
  return !isNever(allow) || address.signed !== null
}
