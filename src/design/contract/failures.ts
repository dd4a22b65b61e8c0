/** Reports the failures of an action that its operation does not list. */

import { unreachable } from '../../base/unreachable.ts'
import type { Action, ActionStep, Assignment } from '../../model/action.ts'
import { failuresOf, withCalled } from '../../model/action-tree.ts'
import type { Predicate } from '../../model/expression.ts'
import type { Entity } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { type ContractBinding, type OperationOfAction, titleOf } from './binding.ts'
import { contractPlace } from './compare-answer.ts'
import type { Entities } from './given-type.ts'

/**
 * Reports the statuses with which an action can fail and for which its operation has no answer, in one finding. Failures of any request
 * (of the limits, the server and the form of the request) are left out, and so is 403, because whether a rule refuses a caller is known
 * only when it is asked.
 */
export function reportFailures(
  { action, operation }: OperationOfAction,
  { reading, report, entities, actions, statusOf }: ContractBinding,
): void {
  const codes = new Map<number, Set<string>>()
  const add = (status: number, code: string): void => {
    codes.set(status, (codes.get(status) ?? new Set()).add(code))
  }
  for (const code of builtInCodes(action, actions, entities)) add(statusOf(code), code)
  for (const { code } of failuresOf(action, actions)) add(statusOf(code), code)
  const { answers } = operation
  if (answers.has('default')) return
  const isListed = (status: number): boolean => answers.has(String(status)) || answers.has(`${Math.floor(status / 100)}XX`)
  const unlisted = [...codes].filter(([status]) => !isListed(status)).toSorted(([a], [b]) => a - b)
  if (unlisted.length === 0) return
  const where = contractPlace(reading, operation.at)
  const named = unlisted.map(([status, of]) => `${status} (${[...of].join(', ')})`).join(', ')
  const message = `${action.name} can fail with ${named}, which ${titleOf(operation)} does not list (${where})`
  const it = unlisted.length === 1 ? 'the status' : 'each status'
  report.add('PLN-D539', action.at, message, `give the code another status under errors, or list ${it} in the contract`)
}

function builtInCodes(action: Action, actions: readonly Action[], entities: Entities): ReadonlySet<string> {
  const codes = new Set<string>()
  if (!isAlways(action.allow)) codes.add('not_signed_in')
  if (action.entity !== null) codes.add('not_found')
  for (const { from, type } of action.inputs) {
    const isPath = from.in === 'path'
    if (!isPath) codes.add('validation_failed')
    else if (type.kind === 'reference') codes.add('not_found')
  }
  for (const { transition, steps } of withCalled(action, actions)) {
    if (transition !== null) codes.add('illegal_transition')
    for (const step of steps) for (const code of codesOf(step, entities)) codes.add(code)
  }
  return codes
}

function codesOf(step: ActionStep, entities: Entities): readonly string[] {
  switch (step.verb) {
    case 'find':
      return step.optional || step.else !== null || isOwnAccount(step.where) ? [] : ['not_found']
    case 'require':
      return step.else === null ? ['requirement_failed'] : []
    case 'create':
    case 'update':
      return isTaken(entities.get(step.entity), step.set) ? ['already_taken'] : []
    case 'ensure': {
      const entity = entities.get(step.entity)
      const isOwn = (fields: readonly string[]): boolean => fields.every((field) => step.unique.includes(field))
      const others = entity?.uniques.filter(({ fields }) => !isOwn(fields)) ?? []
      return others.length > 0 && isTaken(entity, [...step.set, ...step.existing], others) ? ['already_taken'] : []
    }
    case 'signIn':
      return step.account.kind === 'password' ? ['invalid_credentials'] : []
    case 'list':
    case 'delete':
    case 'call':
    case 'emit':
    case 'enqueue':
      return []
    default:
      return unreachable(step)
  }
}

/** Whether a condition is `id == auth.id`: the account of a caller is there. */
function isOwnAccount(where: Predicate): boolean {
  if (where.kind !== 'compare' || where.op !== '=') return false
  const sides = [where.left, where.right]
  return (
    sides.some((term) => term.kind === 'auth' && term.claim === 'id') && sides.some((term) => term.kind === 'field' && term.field === 'id')
  )
}

/** Whether a write with these values may meet the values of another row. */
function isTaken(entity: Entity | undefined, set: readonly Assignment[], uniques = entity?.uniques ?? []): boolean {
  return uniques.some(({ fields }) => set.some(({ field }) => fields.includes(field)))
}
