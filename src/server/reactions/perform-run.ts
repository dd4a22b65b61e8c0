/** The reaction `run`: code of the design, in a transaction or around one. */

import { failure } from '../../base/failure.ts'
import type { ReactionValues } from '../../compile/reactions/reaction-values.ts'
import type { Caller } from '../../model/caller.ts'
import type { RunReaction } from '../../model/reaction.ts'
import type { Delivery } from '../../services/events/delivery.ts'
import { deepFreeze } from '../code/deep-freeze.ts'
import { type NamedCode, type RanCode, runCode, runOwnCode } from '../code/run-code.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { Stack } from '../run/stack.ts'
import { reactionCaller } from './reaction-caller.ts'

/** The time for the code with its transaction, in milliseconds. */
const WITHIN_MS = 10_000

/** The code of a reaction, and for whom it runs. */
interface Running {
  readonly stack: Stack
  readonly name: string
  readonly caller: Caller
  readonly as: 'caller' | 'system'
  /** The members of its context besides those that all code has. */
  readonly parts: object
}

/** Runs the code. @throws Failure when it fails or is not written yet; GiveUp without an account. */
export async function performRun(stack: Stack, reaction: RunReaction, values: ReactionValues, delivery: Delivery): Promise<void> {
  const { code, name, as } = reaction
  const what = `reaction ${name}`
  if (typeof code === 'string') throw failure('not_implemented', { what })
  const caller = await reactionCaller(stack.identity, as, values.account)
  const { event, attempt, replay, afterGap, signal } = delivery
  const parts = deepFreeze({
    event: { id: event.id, name: `${event.entity}.${event.happening}`, at: event.at, attempt, replay, afterGap },
    row: values.row === null ? null : JSON.parse(values.row),
    before: values.before === null ? null : JSON.parse(values.before),
    ...(values.sent === null ? {} : { input: JSON.parse(values.sent), results: JSON.parse(values.results ?? '{}') }),
  })
  const running: Running = { stack, name: what, caller, as: as.kind === 'system' ? 'system' : 'caller', parts }
  const named = { name: what, code: code as NamedCode['code'] }
  if (reaction.ownTransaction) await runAround({ ...running, stack: { ...stack, cancelled: signal } }, named)
  else await (await transact(running, named, WITHIN_MS)).after()
}

/** Runs code that opens its transaction itself. What follows the commit is done before the code continues. */
async function runAround(running: Running, named: NamedCode): Promise<void> {
  const { stack, caller, parts } = running
  const call = {
    stack,
    caller,
    now: new Date(),
    withinMs: WITHIN_MS * stack.patience,
    async transact(work: NamedCode['code'], withinMs: number): Promise<unknown> {
      const ran = await transact(running, { name: named.name, code: work }, withinMs / stack.patience)
      await ran.after()
      return ran.value
    },
  }
  await runOwnCode(named, call, parts)
}

/** Runs code in a transaction. */
function transact({ stack, caller, as, parts }: Running, named: NamedCode, withinMs: number): Promise<RanCode> {
  return stack.executor.transaction(
    async (runner) => {
      const deferred = openDeferredChecks(stack.model)
      const call = { stack: { ...stack, deferred }, caller, runner, writes: true, as, now: new Date(), withinMs: withinMs * stack.patience }
      const ran = await runCode(named, call, parts)
      await deferred.judge(runner)
      return ran
    },
    { withinMs },
  )
}
