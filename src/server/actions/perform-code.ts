/** Runs an action of code: the statements before the code, the code, and its answer, in one transaction. */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { memoPair } from '../../base/memo.ts'
import type { Runner, Values } from '../../base/sql/statement.ts'
import { type CodeParts, compileCode } from '../../compile/actions/code-program.ts'
import type { ActionProgram } from '../../compile/actions/program.ts'
import { nameOf } from '../../compile/actions/step-sql.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { Action, ActionCode } from '../../model/action.ts'
import type { Caller } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import { systemContext } from '../code/database.ts'
import { runCode, wrongAnswer } from '../code/run-code.ts'
import type { TextAnswer } from '../http/answer.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { planOutput } from '../plan/plan-output.ts'
import type { Variant } from '../plan/planning.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { Stack } from '../run/stack.ts'
import { outputJson } from './output-json.ts'
import { type ChangedAccount, runProgram } from './run-program.ts'

/** An action of code with the values of a request. */
export interface CalledCode {
  readonly caller: Caller
  readonly action: Action
  readonly run: ActionCode
  readonly values: Values
}

/** What an action of code did. */
export interface PerformedCode {
  readonly answer: TextAnswer
  /** The accounts that the transition of the action has changed. */
  readonly accounts: readonly ChangedAccount[]
  /** Runs the follow-ups of the writes of the code and of hooks, after the commit. */
  readonly after: () => Promise<void>
}

const programsOf = memoPair((_model: Model, _variant: Variant) => new Map<Action, ActionProgram>())

/** The program of an action of code for one kind of caller. */
function codeProgram({ model, context }: Pick<Stack, 'model' | 'context'>, caller: Caller, action: Action): ActionProgram {
  const variant = context.viewFor(caller)
  const programs = programsOf(model, variant)
  const known = programs.get(action)
  if (known !== undefined) return known
  const { view } = action.as === 'system' ? systemContext(context).viewFor(caller) : variant
  const program = compileCode(model, action, ({ row }) => planOutput(view, viewOf(view, row.entity), EVERYTHING))
  programs.set(action, program)
  return program
}

/**
 * Runs an action of code in a transaction. After a deadlock the transaction is run again, and the code with it.
 *
 * @throws Failure `not_implemented` when the code is not written yet; otherwise when the action, its code or its answer fails.
 */
export async function performCode(stack: Stack, called: CalledCode, runner: Runner): Promise<PerformedCode> {
  const { action, caller, run, values } = called
  const name = `action ${nameOf(action)}`
  const { code } = run
  if (typeof code === 'string') throw failure('not_implemented', { what: name })
  const program = codeProgram(stack, caller, action)
  let ends: number | null = null
  return runner.transaction(
    async (within) => {
      ends ??= performance.now() + LIMITS.transactionMs
      const deferred = openDeferredChecks(stack.model)
      const own = { ...stack, deferred }
      const ran = await runProgram(own, { program, caller }, { ...program.constants, ...values }, within)
      const { results, accounts } = ran
      const parts: CodeParts = JSON.parse(results.at(-1)?.[0]?.[0] ?? '')
      const call = {
        stack: own,
        caller,
        runner: within,
        as: action.as,
        writes: !action.reads,
        now: new Date(parts.now),
        withinMs: ends - performance.now(),
      }
      const { value, after } = await runCode({ name, code }, call, { input: inputOf(action, parts, values), row: parts.row })
      await deferred.judge(within)
      const output = outputJson(run.output, value)
      if ('wrong' in output) throw wrongAnswer(stack, name, output.wrong)
      return {
        answer: answerOf(output.json),
        accounts,
        async after() {
          await ran.after()
          await after()
        },
      }
    },
    { withinMs: LIMITS.transactionMs },
  )
}

/** The inputs of the code: those that were sent or have a default. Passwords are as they were sent. */
function inputOf({ inputs }: Action, { input }: CodeParts, values: Values): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = Object.create(null)
  for (const { name, type } of inputs) {
    if (values[`sent.${name}`] !== true) continue
    const isPassword = type.kind === 'value' && type.type.kind === 'password'
    given[name] = isPassword ? values[`input.${name}`] : input[name]
  }
  return Object.freeze(given)
}

/** @throws Failure `answer_too_large`. */
function answerOf(json: string | null): TextAnswer {
  if (json === null) return { status: 204, headers: {}, body: null }
  if (Buffer.byteLength(json) > LIMITS.answerBytes) throw tooManyBytes()
  return { status: 200, headers: {}, body: json }
}
