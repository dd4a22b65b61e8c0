/** What a transition has done to its row, where its steps do other things. */

import { isDeepStrictEqual } from 'node:util'
import type { Action, ActionStep } from '../../model/action.ts'
import { actionNamed } from '../../model/action-tree.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import type { AllRows } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'

/** A call of a transition for a row, and all rows before and after it. */
export interface Moved {
  readonly row: PlainRow
  readonly before: AllRows
  readonly after: AllRows
}

/** Whether steps of a transition change at most its own row among those of its entity, so that the state of the row is known afterwards. */
export function movesOnlyItsRow(model: Model, action: Action): boolean {
  const { entity, transition, run } = action
  if (entity === null || transition === null || run !== null || entityNamed(model, entity).hooks.length > 0) return false
  return action.steps.every((step) => leavesOthers(model, entity, step, [action]))
}

/** @param within the actions whose steps are being looked at; the first is the transition. */
function leavesOthers(model: Model, entity: string, step: ActionStep, within: readonly Action[]): boolean {
  switch (step.verb) {
    case 'find':
    case 'list':
    case 'require':
    case 'emit':
    case 'enqueue':
      return true
    case 'create':
    case 'ensure':
      return step.entity !== entity
    case 'update': {
      const { target } = step
      const isOwn = within.length === 1 && target.kind === 'row' && target.row.binding === 'row' && target.row.hops.length === 0
      return step.entity !== entity || isOwn
    }
    case 'call': {
      const called = actionNamed(model.actions, step.action)
      if (called === undefined || called.run !== null || called.transition !== null || within.includes(called)) return false
      return called.steps.every((inner) => leavesOthers(model, entity, inner, [...within, called]))
    }
    case 'delete':
    case 'signIn':
      return false
  }
}

/**
 * Whether no step of an action refuses its caller, so that only `allow` does: the steps run as the system, and neither they nor code or
 * hooks say `forbidden`.
 */
export function forbidsNobody(model: Model, action: Action): boolean {
  const says = (step: ActionStep, within: readonly Action[]): boolean => {
    if ('else' in step && step.else?.code === 'forbidden') return true
    if (step.verb !== 'call') return false
    const called = actionNamed(model.actions, step.action)
    return (
      called === undefined || within.includes(called) || called.run !== null || called.steps.some((one) => says(one, [...within, called]))
    )
  }
  const isPlain = model.entities.every(({ hooks }) => hooks.length === 0) && action.run === null
  return isPlain && action.as === 'system' && !action.steps.some((step) => says(step, [action]))
}

/** What is wrong with the rows of the entity: the row must be in the new state with a higher version, and others as they were. */
export function movedMismatch({ entity, transition }: Action, { row, before, after }: Moved): string | null {
  if (entity === null || transition === null) return null
  const now = (after.get(entity) ?? []).find(({ id }) => id === row.id)
  if (now === undefined) return `${entity} ${row.id} is gone`
  if (now[transition.field] !== transition.to) return `${transition.field} is ${now[transition.field]}, expected ${transition.to}`
  if (Number(now.version) <= Number(row.version)) return `the version is ${now.version}, expected more than ${row.version}`
  const others = (rows: AllRows): readonly PlainRow[] => (rows.get(entity) ?? []).filter(({ id }) => id !== row.id)
  return isDeepStrictEqual(others(before), others(after)) ? null : `another ${entity} was changed`
}
