/** What the expressions of reactions to an event may name. */

import { ACTION_ROW } from '../../model/action.ts'
import { ROW_BEFORE } from '../../model/reaction.ts'
import type { ActionResults } from '../logic/actions.ts'
import { rowNamed } from '../logic/logic-context.ts'

/** What reactions to actions may name, by `Entity.action`. */
export type NamesOfActions = ReadonlyMap<string, ActionResults>

/**
 * The names of an event: `row`, after an update also `before`, and after an action its inputs and the results of its steps. Other rows than
 * these may be missing.
 */
export function eventNames(entity: string, happening: string, actions: NamesOfActions): ActionResults {
  const of = actions.get(`${entity}.${happening}`)
  const before = happening === 'updated' ? ([[ROW_BEFORE, rowNamed(ROW_BEFORE, entity)]] as const) : []
  const names = new Map([...(of?.names ?? []), [ACTION_ROW, rowNamed(ACTION_ROW, entity)] as const, ...before])
  return { names, inputs: of?.inputs ?? new Map(), maybe: of?.maybe ?? new Map() }
}
