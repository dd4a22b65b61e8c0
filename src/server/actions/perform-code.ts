/** Runs an action of code: the statements before the code, the code, and its answer, in one transaction. */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { memoPair } from '../../base/memo.ts'
import type { Row, Runner, Values } from '../../base/sql/statement.ts'
import { type CodeParts, compileCode } from '../../compile/actions/code-program.ts'
import type { ActionProgram } from '../../compile/actions/program.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { Action, ActionCode } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import type { Caller } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import { openingOf } from '../../services/identity/sessions/session-statements.ts'
import { systemContext } from '../code/database.ts'
import { type NamedCode, runCode, runOwnCode, wrongAnswer } from '../code/run-code.ts'
import type { TextAnswer } from '../http/answer.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { planOutput } from '../plan/plan-output.ts'
import type { Variant } from '../plan/planning.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { Stack } from '../run/stack.ts'
import { outputJson } from './output-json.ts'
import { type ChangedAccount, runProgram } from './run-program.ts'
import { transactionOf } from './transaction-of.ts'

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
  const program = compileCode(model, action, {
    outputOf: ({ row }) => planOutput(view, viewOf(view, row.entity), EVERYTHING),
    openSession: openingOf(model),
  })
  programs.set(action, program)
  return program
}

/**
 * Runs an action of code: in a transaction, or so that it opens its transaction itself. After a deadlock the transaction is run again, and
 * the code in it.
 *
 * @throws Failure `not_implemented` when the code is not written yet; otherwise when the action, its code or its answer fails.
 */
export async function performCode(stack: Stack, called: CalledCode, runner: Runner): Promise<PerformedCode> {
  const { action, caller, run, values } = called
  const name = `${stack.job === undefined ? 'action' : 'job'} ${actionLabel(action)}`
  const { code } = run
  if (typeof code === 'string') throw failure('not_implemented', { what: name })
  const program = codeProgram(stack, caller, action)
  const performing = { stack, called, program, values: { ...program.constants, ...values } }
  if (run.ownTransaction) return performOwn(performing, { name, code }, runner)
  const limitMs = stack.codeMs ?? LIMITS.transactionMs
  let ends: number | null = null
  return runner.transaction(
    (within) => {
      ends ??= performance.now() + limitMs * stack.patience
      return performWithin(performing, { code: { name, code }, ends, result: (value) => answerTo(performing, name, value) }, within)
    },
    { ...transactionOf(action), withinMs: limitMs },
  )
}

/** The time for code that opens its transaction itself, with the transaction. */
const OWN_CODE_MS = 10_000

interface Performing {
  readonly stack: Stack
  readonly called: CalledCode
  readonly program: ActionProgram
  readonly values: Values
}

interface Within<T> {
  readonly code: NamedCode
  /** When the code is ended, as `performance.now()`. */
  readonly ends: number
  /** Makes the result of what the code returns, before the commit. */
  readonly result: (value: unknown) => T
}

interface RanWithin<T> {
  readonly answer: T
  readonly accounts: readonly ChangedAccount[]
  readonly after: () => Promise<void>
}

/** Runs the statements of the action and code, in a transaction. */
async function performWithin<T>(performing: Performing, { code, ends, result }: Within<T>, within: Runner) {
  const { stack, called, program, values } = performing
  const { action, caller } = called
  const deferred = openDeferredChecks(stack.model)
  const own = { ...stack, deferred }
  const ran = await runProgram(own, { program, caller }, values, within)
  const parts = partsOf(ran.results)
  const call = {
    stack: own,
    caller,
    runner: within,
    as: action.as,
    writes: !action.reads,
    now: new Date(parts.now),
    withinMs: ends - performance.now(),
  }
  const { value, after } = await runCode(code, call, partsOfContext(performing, parts))
  if (program.closing.length > 0) await within.runInOrder(program.closing, values)
  await deferred.judge(within)
  const done: RanWithin<T> = {
    answer: result(value),
    accounts: ran.accounts,
    async after() {
      await ran.after()
      await after()
    },
  }
  return done
}

/**
 * Runs code that opens its transaction itself. The action is judged before the code, and again in the transaction, under its locks. What
 * follows the commit is done before the code continues.
 */
async function performOwn(performing: Performing, code: NamedCode, runner: Runner): Promise<PerformedCode> {
  const { stack, called, program, values } = performing
  const { caller } = called
  if (runner !== stack.executor)
    throw failure('malformed_request', {
      what: `${code.name} opens its transaction itself, so it takes no Idempotency-Key and is in no @atomic document`,
    })
  const judged = await runProgram(stack, { program, caller }, values, runner)
  const parts = partsOf(judged.results)
  const transact = async (work: NamedCode['code'], leftMs: number): Promise<unknown> => {
    const withinMs = Math.min((stack.codeMs ?? LIMITS.transactionMs) * stack.patience, leftMs)
    const ends = performance.now() + withinMs
    const ran = await runner.transaction(
      (within) => performWithin(performing, { code: { name: code.name, code: work }, ends, result: (value) => value }, within),
      { ...transactionOf(called.action), withinMs: withinMs / stack.patience },
    )
    await ran.after()
    return ran.answer
  }
  const call = { stack, caller, now: new Date(parts.now), withinMs: (stack.codeMs ?? OWN_CODE_MS) * stack.patience, transact }
  const value = await runOwnCode(code, call, partsOfContext(performing, parts))
  return { answer: answerTo(performing, code.name, value), accounts: [], after: async () => {} }
}

function partsOf(results: readonly (readonly Row[])[]): CodeParts {
  return JSON.parse(results.at(-1)?.[0]?.[0] ?? '')
}

/** @throws Failure `internal_error` for a value that the design does not say, and `answer_too_large`. */
function answerTo({ stack, called }: Performing, name: string, value: unknown): TextAnswer {
  const output = outputJson(called.run.output, value)
  if ('wrong' in output) throw wrongAnswer(stack, name, output.wrong)
  return answerOf(output.json)
}

/** The members of the context besides those that all code has. */
function partsOfContext({ stack: { job }, called: { action, values } }: Performing, parts: CodeParts): object {
  const input = inputOf(action, parts, values)
  return job === undefined ? { input, row: parts.row } : { input, job }
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
