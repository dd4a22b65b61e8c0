/** Turns an intent and a caller into a plan with its statement and values. It does no input or output. */

import { unreachable } from '../../base/unreachable.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { Caller } from '../../model/caller.ts'
import { withSuggestions } from './did-you-mean.ts'
import type { Intent, ListIntent, ReadIntent, WriteIntent } from './intent.ts'
import { type PlannedList, planGet, planList } from './plan-read.ts'
import { planCreate, planDelete, planUpdate } from './plan-write.ts'
import type { PlanContext, PlannedRead, PlannedWrite, Planning } from './planning.ts'

/** Plans any intent. @throws Failure for unknown names, invalid values, and operations that are never allowed for this caller. */
export function planIntent(context: PlanContext, caller: Caller, intent: Intent): PlannedRead | PlannedWrite {
  switch (intent.kind) {
    case 'get':
    case 'list':
      return planRead(context, caller, intent)
    case 'create':
    case 'update':
    case 'delete':
      return planWrite(context, caller, intent)
    default:
      return unreachable(intent)
  }
}

/** Plans a get or a list. @throws Failure, as `planIntent`. */
export function planRead(context: PlanContext, caller: Caller, intent: ReadIntent): PlannedRead {
  switch (intent.kind) {
    case 'get': {
      const planning = planningFor(context, caller, intent)
      return withSuggestions(planning, () => planGet(planning, intent))
    }
    case 'list':
      return planListFor(context, caller, intent)
    default:
      return unreachable(intent)
  }
}

/** Plans a list, and says where the values of its slots come from. @throws Failure, as `planIntent`. */
export function planListFor(context: PlanContext, caller: Caller, intent: ListIntent): PlannedList {
  const planning = planningFor(context, caller, intent)
  return withSuggestions(planning, () => planList(planning, intent))
}

/** Plans a create, an update or a delete. @throws Failure, as `planIntent`. */
export function planWrite(context: PlanContext, caller: Caller, intent: WriteIntent): PlannedWrite {
  const planning = planningFor(context, caller, intent)
  return withSuggestions(planning, (): PlannedWrite => {
    switch (intent.kind) {
      case 'create':
        return planCreate(planning, intent)
      case 'update':
        return planUpdate(planning, intent)
      case 'delete':
        return planDelete(planning, intent)
      default:
        return unreachable(intent)
    }
  })
}

function planningFor(context: PlanContext, caller: Caller, intent: Intent): Planning {
  const variant = context.viewFor(caller)
  return { context, caller, variant, entity: viewOf(variant.view, intent.entity.name) }
}
