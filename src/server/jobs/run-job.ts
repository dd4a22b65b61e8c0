/** Runs a job: as an action that no request has called, for the account that added the job. */

import { Failure, refusalText } from '../../base/failure.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { ANONYMOUS, type Caller } from '../../model/caller.ts'
import { FinalJobError, type JobRun } from '../../services/jobs/job-run.ts'
import type { LeasedJob } from '../../services/jobs/leased-job.ts'
import { type AskedAction, prepareAction } from '../actions/perform-action.ts'
import { readInput } from '../actions/read-input.ts'
import { executorAtDepth, tooDeep } from '../run/executor-at-depth.ts'
import type { Stack } from '../run/stack.ts'

/**
 * Does the work of one run and completes it. What the job writes in its transaction is committed together with its end, so a run whose job
 * was given to another worker writes nothing. Code with a transaction of its own completes after it.
 *
 * @throws FinalJobError for a job that no repetition mends; LostJobError; Failure of the action.
 */
export async function runJob(stack: Stack, { job, leased, signal, complete }: JobRun): Promise<void> {
  const { action, timeoutMs } = job
  const refused = tooDeep(leased.depth)
  if (refused !== null) throw new FinalJobError(refused)
  const caller = await callerOf(stack, leased, action.as)
  const { id, attempt, dueAt } = leased
  const executor = executorAtDepth(stack.executor, leased.depth + 1)
  const own: Stack = { ...stack, executor, cancelled: signal, codeMs: timeoutMs, job: { id, attempt, dueAt: new Date(dueAt) } }
  const input = inputOf(action, leased)
  const perform = await prepareAction(own, { caller, action, row: null, input: () => input, versions: null }).catch(finalForGood)
  if (action.run?.ownTransaction === true) {
    const { after } = await perform(executor).catch(finalForGood)
    await complete(stack.executor.run)
    return after()
  }
  const { after } = await executor
    .transaction(
      async (within) => {
        const performed = await perform(within)
        await complete(within.run)
        return performed
      },
      { withinMs: timeoutMs, isolation: action.isolation },
    )
    .catch(finalForGood)
  await after()
}

/** The values of the input. The design may have changed since the job was added. */
function inputOf(action: AskedAction['action'], { payload }: LeasedJob): ReturnType<AskedAction['input']> {
  try {
    return readInput(action, parseJson(payload))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const problems = error.errors.map(({ pointer, message }) => `${pointer === '' ? 'the input' : pointer} ${message}`)
    throw new FinalJobError(`the job does not take this input: ${problems.join('; ')}`)
  }
}

/** The account that added the job, with its present role and claims. */
async function callerOf({ identity }: Stack, { caller }: LeasedJob, as: 'caller' | 'system'): Promise<Caller> {
  if (caller === null) return ANONYMOUS
  const account = (await identity?.callerOf(caller)) ?? null
  if (account !== null) return account
  if (as === 'system') return ANONYMOUS
  throw new FinalJobError('the account that added the job, with whose rights it runs, is there no more')
}

/** Failures that the same run has again whenever it is repeated. */
const FOR_GOOD: ReadonlySet<string> = new Set(['not_found', 'validation_failed', 'forbidden', 'not_signed_in'])

function finalForGood(error: unknown): never {
  if (error instanceof Failure && FOR_GOOD.has(error.code)) throw new FinalJobError(error.note ?? refusalText(error), { cause: error })
  throw error
}
