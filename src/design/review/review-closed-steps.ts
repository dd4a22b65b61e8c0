/** Finds steps that are refused for every caller: the action runs as its caller, and the rules close what the step writes. */

import { unreachable } from '../../base/unreachable.ts'
import type { Action, ActionStep } from '../../model/action.ts'
import { actionLabel, actionNamed, isWriteStep, type WriteStep } from '../../model/action-tree.ts'
import { type Entity, entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { Report } from '../findings/report.ts'

/** Reports the steps of actions as their caller that nobody may do. */
export function reviewClosedSteps(model: Model, report: Report): void {
  for (const action of model.actions) {
    if (action.as !== 'caller' || !runsForCallers(action, model)) continue
    for (const step of action.steps) {
      const closed = closedIn(step, model, [])
      if (closed === null) continue
      const { what, rule, by } = closed
      const where = by === null ? 'the step' : `a step of ${by}, which runs with the rights of the caller here,`
      const hint = `write as: system, so that allow alone decides${rule === null ? '' : `, or open ${rule}`}`
      report.add('PLN-D566', step.at, `nobody may ${what}, so ${where} answers 403 to every caller`, hint)
    }
  }
}

/** Whether the action ever runs as a caller. Without `allow`, requests cannot call it; reactions as system have no rules. */
function runsForCallers(action: Action, { events }: Model): boolean {
  if (!isNever(action.allow)) return true
  return events.some(({ reactions }) =>
    reactions.some(
      (one) => one.kind === 'call' && one.as.kind === 'account' && one.action.entity === action.entity && one.action.name === action.name,
    ),
  )
}

interface Closed {
  /** What nobody may do, such as `update rows of Order`. */
  readonly what: string
  /** The rule that closes it, such as `access.update of Order`; null for a field that the server sets. */
  readonly rule: string | null
  /** The called action whose step it is; null for a step of the action itself. */
  readonly by: string | null
}

/** What a step does that nobody may do, itself or by the actions that it calls; null for other steps. */
function closedIn(step: ActionStep, model: Model, within: readonly Action[]): Closed | null {
  if (step.verb === 'call') {
    const called = actionNamed(model.actions, step.action)
    if (called === undefined || within.includes(called)) return null
    for (const inner of called.steps) {
      const closed = closedIn(inner, model, [...within, called])
      if (closed !== null) return { ...closed, by: closed.by ?? actionLabel(called) }
    }
    return null
  }
  return isWriteStep(step) ? closedWrite(step, entityNamed(model, step.entity)) : null
}

function closedWrite(step: WriteStep, entity: Entity): Closed | null {
  const { name, access } = entity
  const closed = (operation: 'create' | 'update' | 'delete'): Closed => ({
    what: `${operation} rows of ${name}`,
    rule: `access.${operation} of ${name}`,
    by: null,
  })
  const noUpdate = isNever(access.update.from) || isNever(access.update.to)
  switch (step.verb) {
    case 'delete':
      return isNever(access.delete) ? closed('delete') : null
    case 'create':
    case 'ensure':
      if (isNever(access.create)) return closed('create')
      if (step.verb === 'ensure' && step.existing.length > 0 && noUpdate) return closed('update')
      break
    case 'update':
      if (noUpdate) return closed('update')
      break
    default:
      return unreachable(step)
  }
  // An input that is not sent sets no field.
  const given = step.set.flatMap(({ field, ifSent }) => (ifSent === null ? [fieldNamed(entity, field)] : []))
  const field = given.find(({ write }) => isNever(write))
  if (field === undefined) return null
  const label = `${name}.${field.name}`
  return { what: `set ${label}`, rule: field.default?.kind === 'set' ? null : `write of ${label}`, by: null }
}
