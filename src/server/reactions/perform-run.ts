/** The reaction `run`: code of the design, in a transaction. */

import { failure } from '../../base/failure.ts'
import type { ReactionValues } from '../../compile/reactions/reaction-values.ts'
import type { RunReaction } from '../../model/reaction.ts'
import type { Delivery } from '../../services/events/delivery.ts'
import { deepFreeze } from '../code/deep-freeze.ts'
import { runCode } from '../code/run-code.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { Stack } from '../run/stack.ts'
import { reactionCaller } from './reaction-caller.ts'

/** The time for the code with its transaction, in milliseconds. */
const WITHIN_MS = 10_000

/** Runs the code. @throws Failure when it fails or is not written yet; GiveUp without an account. */
export async function performRun(stack: Stack, reaction: RunReaction, values: ReactionValues, delivery: Delivery): Promise<void> {
  const { code, name, as } = reaction
  const what = `reaction ${name}`
  if (typeof code === 'string') throw failure('not_implemented', { what })
  const caller = await reactionCaller(stack.identity, as, values.account)
  const { event, attempt, replay, afterGap } = delivery
  const parts = deepFreeze({
    event: { id: event.id, name: `${event.entity}.${event.happening}`, at: event.at, attempt, replay, afterGap },
    row: values.row === null ? null : JSON.parse(values.row),
    before: values.before === null ? null : JSON.parse(values.before),
  })
  const after = await stack.executor.transaction(
    async (runner) => {
      const deferred = openDeferredChecks(stack.model)
      const call = {
        stack: { ...stack, deferred },
        caller,
        runner,
        writes: true,
        as: as.kind === 'system' ? ('system' as const) : ('caller' as const),
        now: new Date(),
        withinMs: WITHIN_MS,
      }
      const ran = await runCode({ name: what, code: code as (context: never) => unknown }, call, parts)
      await deferred.judge(runner)
      return ran.after
    },
    { withinMs: WITHIN_MS },
  )
  await after()
}
