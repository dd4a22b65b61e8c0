/** The statement of each step. */

import type { Sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Action, ActionStep } from '../../model/action.ts'
import { actionLabel, visitAnswer, visitStep } from '../../model/action-tree.ts'
import type { Term } from '../../model/expression.ts'
import type { Model } from '../../model/model.ts'
import { deleteSql, updateSql } from './change-steps.ts'
import { createSql } from './create-steps.ts'
import type { ActionScope } from './frame.ts'
import { emitSql, enqueueSql } from './later-steps.ts'
import { type Locked, strongestFor } from './locks/locks.ts'
import type { Stops } from './parts/stops.ts'
import { findSql, listSql, requireSql, valuesSql } from './read-steps.ts'
import type { Constants } from './values.ts'

/** What is collected while the statements of an action are made. */
export interface CollectedOfStep {
  readonly stops: Stops
  readonly constants: Constants
  readonly locks: readonly Locked[]
}

/** The statement of a step. @throws Error for a `call`, which is replaced by the steps of its action before. */
export function stepSql(shared: ActionScope, step: ActionStep, collected: CollectedOfStep): Sql {
  const { stops, locks } = collected
  const lock = step.as === null ? null : strongestFor(locks, step.as)
  switch (step.verb) {
    case 'find':
      return findSql(shared, step, { stops, lock })
    case 'list':
      if (step.distinct !== null) return valuesSql(shared, step, { stops, distinct: step.distinct })
      return listSql(shared, step, { stops, counts: namesTotal(shared.action, step.as), lock })
    case 'require':
      return requireSql(shared, step, stops)
    case 'create':
    case 'ensure':
      return createSql(shared, step, collected)
    case 'update':
      return updateSql(shared, step, stops)
    case 'delete':
      return deleteSql(shared, step, stops)
    case 'emit':
      return emitSql(shared, step)
    case 'enqueue':
      return enqueueSql(shared, step, stops)
    case 'call':
      throw new Error('a call is replaced by the steps of its action')
    case 'signIn':
      throw new Error('the program adds the statement that begins a session')
    default:
      return unreachable(step)
  }
}

/** Whether an expression uses the number of rows that a `list` would have without its limit. */
export function namesTotal({ steps, answer }: Action, name: string | null): boolean {
  let found = false
  const term = (t: Term): void => {
    found ||= t.kind === 'count' && t.over.via === null && t.over.beyond && t.over.of.binding === name
  }
  for (const step of steps) visitStep(step, { term })
  visitAnswer(answer, { term })
  return found
}

/** A statement of an action. */
export function statementOf(action: Action, part: Sql): Statement {
  return { name: `action ${actionLabel(action)}`, sql: part }
}

/** A statement of a program that changes or deletes accounts. */
export interface AccountChange {
  /** The index of the statement. */
  readonly statement: number
  readonly change: 'changed' | 'password' | 'deleted'
}

/** What a step does to accounts; null for a step that changes none. */
export function accountChange({ identity }: Model, step: ActionStep): AccountChange['change'] | null {
  if (identity === null || (step.verb !== 'update' && step.verb !== 'delete') || step.entity !== identity.entity) return null
  if (step.verb === 'delete') return 'deleted'
  return step.set.some(({ field }) => field === identity.password) ? 'password' : 'changed'
}
