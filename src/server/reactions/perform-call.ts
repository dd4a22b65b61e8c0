/** The reaction `call`: runs an action of the design. */

import { memoPair } from '../../base/memo.ts'
import type { ReactionValues } from '../../compile/reactions/reaction-values.ts'
import type { Action } from '../../model/action.ts'
import { actionNamed } from '../../model/action-tree.ts'
import { ALWAYS } from '../../model/expression.ts'
import type { Model } from '../../model/model.ts'
import type { CallReaction } from '../../model/reaction.ts'
import type { Delivery } from '../../services/events/delivery.ts'
import { fingerprint } from '../../services/idempotency/idempotency.ts'
import { keepsRows, prepareAction } from '../actions/perform-action.ts'
import { readInput } from '../actions/read-input.ts'
import { transactionOf } from '../actions/transaction-of.ts'
import type { Stack } from '../run/stack.ts'
import { keyedStack, performOnce } from '../write/idempotent.ts'
import { reactionCaller } from './reaction-caller.ts'

/** The called action: its answer is not needed, and its row is named by the id. As system, its `allow` is not asked. */
const calledAction = memoPair((model: Model, reaction: CallReaction): Action => {
  const action = actionNamed(model.actions, reaction.action)
  if (action === undefined) throw new Error(`no action ${reaction.action.name}`)
  const address = { ...action.address, own: false, row: null }
  const called: Action = { ...action, address, page: null, answer: action.run === null ? { kind: 'none' } : action.answer }
  return reaction.as.kind === 'system' ? { ...called, as: 'system', allow: ALWAYS } : called
})

/** The time for the transaction of a called action, in milliseconds. */
const WITHIN_MS = 10_000

/**
 * Runs the action. It takes effect once for an event, also when the event is delivered several times within a day; a replay runs it again.
 *
 * @throws Failure when the action refuses or fails; GiveUp without an account.
 */
export async function performCall(stack: Stack, reaction: CallReaction, values: ReactionValues, delivery: Delivery): Promise<void> {
  const caller = await reactionCaller(stack.identity, reaction.as, values.account)
  const action = calledAction(stack.model, reaction)
  const input = (): ReturnType<typeof readInput> => readInput(action, sentInputs(values.input))
  const isOnce = !delivery.replay && !action.reads && action.run?.ownTransaction !== true
  const key = isOnce ? fingerprint({ key: delivery.event.id, scope: ['reaction', reaction.name], payload: [] }) : null
  const own = keepsRows(action) ? keyedStack(stack, key) : stack
  const prepare = () => prepareAction(own, { caller, action, row: values.on, input, versions: null })
  const withinMs = action.run?.ownTransaction === true ? null : WITHIN_MS
  await performOnce(own, key, { prepare, withinMs, ...transactionOf(action) })
}

/** The inputs without those whose value is missing, which count as not sent. */
function sentInputs(json: string): Readonly<Record<string, unknown>> {
  const given: Readonly<Record<string, unknown>> = JSON.parse(json)
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
}
