/** The statement of each step. */

import type { Sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Action, ActionStep } from '../../model/action.ts'
import { visitAnswer, visitStep } from '../../model/action-tree.ts'
import type { Term } from '../../model/expression.ts'
import { deleteSql, updateSql } from './change-steps.ts'
import { createSql } from './create-steps.ts'
import type { ActionScope } from './frame.ts'
import { type Locked, strongestFor } from './locks.ts'
import { findSql, listSql, requireSql } from './read-steps.ts'
import type { Stops } from './stops.ts'
import type { Constants } from './values.ts'

/** What is collected while the statements of an action are made. */
export interface Collecting {
  readonly stops: Stops
  readonly constants: Constants
  readonly locks: readonly Locked[]
}

/** The statement of a step. @throws Error for a `call`, which is replaced by the steps of its action before. */
export function stepSql(shared: ActionScope, step: ActionStep, collecting: Collecting): Sql {
  const { stops, locks } = collecting
  const lock = step.as === null ? null : strongestFor(locks, step.as)
  switch (step.verb) {
    case 'find':
      return findSql(shared, step, { stops, lock })
    case 'list':
      return listSql(shared, step, { stops, counts: namesTotal(shared.action, step.as), lock })
    case 'require':
      return requireSql(shared, step, stops)
    case 'create':
    case 'ensure':
      return createSql(shared, step, collecting)
    case 'update':
      return updateSql(shared, step, stops)
    case 'delete':
      return deleteSql(shared, step, stops)
    case 'call':
      throw new Error('a call is replaced by the steps of its action')
    default:
      return unreachable(step)
  }
}

/** Whether an expression uses the number of rows that a `list` would have without its limit. */
function namesTotal({ steps, answer }: Action, name: string | null): boolean {
  let found = false
  const term = (t: Term): void => {
    found ||= t.kind === 'count' && t.over.via === null && t.over.beyond && t.over.of.binding === name
  }
  for (const step of steps) visitStep(step, { term })
  visitAnswer(answer, { term })
  return found
}
