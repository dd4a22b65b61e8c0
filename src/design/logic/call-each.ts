/**
 * Checks `call` with `each`. Each step of the called action runs once for all elements, so it must not use the result of another step, and
 * must not change which elements there are.
 */

import { unreachable } from '../../base/unreachable.ts'
import { ACTION_ROW, type Action, type ActionStep, type CallStep } from '../../model/action.ts'
import { actionLabel, actionNamed } from '../../model/action-tree.ts'
import type { Report } from '../findings/report.ts'
import { isAddition } from './shared-rows.ts'

/** Reports calls for several elements whose action can run only for one. */
export function reportEachCalls(actions: readonly Action[], report: Report): void {
  for (const { steps } of actions)
    for (const step of steps) {
      const called = step.verb === 'call' && step.each !== null ? actionNamed(actions, step.action) : undefined
      if (step.verb !== 'call' || called === undefined) continue
      const why = whyNot(step, called)
      if (why !== null) report.add('PLN-D562', [...step.at, 'each'], `${actionLabel(called)} cannot run for several rows at once: ${why}`)
    }
}

/** Why an action can run only for one element; null when it can run for several. */
function whyNot(call: CallStep, called: Action): string | null {
  const { each, on } = call
  if (called.run !== null) return 'it is code'
  for (const { name, type } of called.inputs) {
    const value = call.inputs.find((input) => input.name === name)?.value
    if (type.kind === 'reference' && value !== undefined && value.kind !== 'field')
      return `the input ${name} is no row that a name leads to`
  }
  const isOwn = each?.over.kind === 'rows' && on !== null && on.binding === each.name && on.hops.length === 0
  if (called.transition !== null && !isOwn) return 'it is a transition, and several elements may lead to one row'
  const elements = each?.over.kind !== 'rows' ? null : each.over.rows.kind === 'entity' ? each.over.rows.entity : each.over.rows.set.entity
  for (const step of called.steps) {
    const why = whyNotStep(step, { isOwn, elements })
    if (why !== null) return why
  }
  return null
}

interface Elements {
  /** Whether the action runs on the element itself, so that each element has its own row. */
  readonly isOwn: boolean
  /** The entity of the elements; null when they are no rows. */
  readonly elements: string | null
}

function whyNotStep(step: ActionStep, { isOwn, elements }: Elements): string | null {
  switch (step.verb) {
    case 'find':
    case 'list':
    case 'call':
    case 'enqueue':
      return `it has the step ${step.verb}`
    case 'require':
      return step.each === null ? null : HAS_EACH
    case 'emit':
      return step.each === null ? namedResult(step) : HAS_EACH
    case 'create':
    case 'ensure':
    case 'delete':
    case 'signIn': {
      const why = step.each === null ? namedResult(step) : HAS_EACH
      return why ?? (step.entity === elements ? `it makes or deletes rows of ${step.entity}` : null)
    }
    case 'update': {
      const { target } = step
      const isElement = isOwn && target.kind === 'row' && target.row.binding === ACTION_ROW && target.row.hops.length === 0
      const why = step.each === null ? namedResult(step) : HAS_EACH
      return why ?? (isElement || step.set.every(isAddition) ? null : `several elements may give a value to one ${step.entity}`)
    }
    default:
      return unreachable(step)
  }
}

const HAS_EACH = 'one of its steps has each'

function namedResult({ as }: ActionStep): string | null {
  return as === null ? null : `it names the result ${as}`
}
