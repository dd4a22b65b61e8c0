/** From an intent and a caller to a plan with its statement and values, or a failure. Pure: nothing here waits or touches the database. */

import { unreachable } from '../../base/unreachable.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { Caller } from '../../model/caller.ts'
import type { Intent } from './intent.ts'
import { planGet, planList } from './plan-read.ts'
import { planCreate, planDelete, planUpdate } from './plan-write.ts'
import type { PlanContext, Planned, Planning } from './planning.ts'

/** Plans an intent. @throws Failure when it names what is not there, sends what is not valid, or is never allowed to this caller. */
export function planIntent(context: PlanContext, caller: Caller, intent: Intent): Planned {
  const variant = context.viewFor(caller)
  const planning: Planning = { context, caller, variant, entity: viewOf(variant.view, intent.entity.name) }
  switch (intent.kind) {
    case 'get':
      return planGet(planning, intent)
    case 'list':
      return planList(planning, intent)
    case 'create':
      return planCreate(planning, intent)
    case 'update':
      return planUpdate(planning, intent)
    case 'delete':
      return planDelete(planning, intent)
    default:
      return unreachable(intent)
  }
}
