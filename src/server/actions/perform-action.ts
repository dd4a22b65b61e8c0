/** Runs an action and makes the answer of REST. */

import { compositeKey } from '../../base/composite-key.ts'
import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { type Lru, lru } from '../../base/lru.ts'
import { memoPair, recall } from '../../base/memo.ts'
import type { Row, Runner, Statement, Values } from '../../base/sql/statement.ts'
import type { OutputOf } from '../../compile/actions/answer-sql.ts'
import { oneStatement } from '../../compile/actions/one-statement/one-statement.ts'
import type { OneStatement } from '../../compile/actions/one-statement/single-statement.ts'
import { type ActionProgram, compileAction } from '../../compile/actions/program.ts'
import { keptSlot } from '../../compile/actions/replay.ts'
import { actionForCall } from '../../compile/actions/rewrite/left-out.ts'
import { rowWithRules } from '../../compile/actions/sign-in.ts'
import { specialise } from '../../compile/rules/specialise.ts'
import { viewOf } from '../../compile/rules/view.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import type { Action, AnswerTree } from '../../model/action.ts'
import { actionLabel, signInStepOf } from '../../model/action-tree.ts'
import { type Caller, isKnown } from '../../model/caller.ts'
import { entityNamed, fieldNamed, isToken, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { SignedIn } from '../../services/identity/identity.ts'
import { openingOf } from '../../services/identity/sessions/session-statements.ts'
import type { TextAnswer } from '../http/answer.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { planOutput } from '../plan/plan-output.ts'
import { callerValues, idValue, keyValue, type Variant } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'
import type { Perform, Performed } from '../write/idempotent.ts'
import { actionFailure, notAllowed } from './action-failure.ts'
import { hashInputs } from './hash-inputs.ts'
import { type CalledCode, performCode } from './perform-code.ts'
import { type NewTokens, newTokens, readTokens, storedToken } from './row-tokens.ts'
import { runOneStatement, textAnswer } from './run-one-statement.ts'
import { type ChangedAccount, type ProgramCall, runProgram } from './run-program.ts'
import { enter, enterAgain, enteredValues, leave, openingSession, requestValues, thenSignOut } from './sign-in.ts'
import { transactionOf } from './transaction-of.ts'

/** A request to run an action. */
export interface AskedAction {
  readonly caller: Caller
  readonly action: Action
  /** The id of the row of a row action, or the value of the unique field of its address; null for an action of the design. */
  readonly row: string | null
  /** Reads the values of the input. @throws Failure when one of them is refused. */
  readonly input: () => Values
  /** The versions that If-Match allows; null for any. */
  readonly versions: readonly number[] | null
  /** What is answered in place of the whole answer. */
  readonly shown?: ShownAnswer
}

/** The selected parts of an answer. */
export interface ShownAnswer {
  /** Identifies the selection: two selections of one action have the same key only if they are equal. */
  readonly key: string
  readonly tree: AnswerTree
  readonly outputOf: OutputOf
  /** The values of the slots in the outputs. */
  readonly values: Values
}

/**
 * Whether a request with an `Idempotency-Key` keeps the rows that the action has named, and a repetition reads them again. For other
 * actions the answer is kept: `allow` decides who sees that of an action as system, and that of code cannot be made again without it. An
 * answer with a new token is made again.
 */
export function keepsRows(action: Action): boolean {
  return action.run === null && (action.as === 'caller' || signInStepOf(action) !== undefined)
}

/**
 * Judges the repetition of an action by the claims of its caller. The rows are not judged again: the action itself may have changed them.
 *
 * @throws Failure `not_signed_in`, `forbidden` when the claims alone decide that the caller may not call it.
 */
export function requireCallable({ context }: Pick<Stack, 'context'>, action: Action, caller: Caller): void {
  if (isNever(specialise(action.allow, caller))) throw notAllowed(action, caller, context.explainDenials)
}

/** The maximum number of programs that are kept for the selections of documents, for each kind of caller. */
const MAX_SELECTIONS = 500

/** The statements of an action, and the one statement that does the same; null when it needs several. */
interface Compiled {
  readonly program: ActionProgram
  readonly one: OneStatement | null
}

interface Programs {
  readonly whole: Map<Action, Compiled>
  readonly selected: Lru<Compiled>
}

/** The programs of the actions for one kind of caller. */
const programsOf = memoPair((_model: Model, _variant: Variant): Programs => ({ whole: new Map(), selected: lru(MAX_SELECTIONS) }))

function programOf({ model, context }: Stack, { caller, action, shown }: AskedAction): Compiled {
  const variant = context.viewFor(caller)
  const { whole, selected } = programsOf(model, variant)
  if (shown !== undefined)
    return recall(selected, compositeKey([actionLabel(action), shown.key]), () =>
      compile(model, { ...action, answer: shown.tree }, shown.outputOf),
    )
  const known = whole.get(action)
  if (known !== undefined) return known
  // The rules of an account that the action makes are part of the statements, because its kind of caller is not known before.
  const isNew = signInStepOf(action)?.account.kind === 'row'
  const own: OutputOf = ({ row }) => planOutput(variant.view, viewOf(variant.view, row.entity), EVERYTHING)
  const inRest = action.restAnswer === null ? action : { ...action, answer: action.restAnswer }
  const program = compile(model, inRest, isNew ? ({ row }) => rowWithRules(model, row.entity) : own)
  whole.set(action, program)
  return program
}

function compile(model: Model, action: Action, outputOf: OutputOf): Compiled {
  const program = compileAction(model, action, { outputOf, openSession: openingOf(model) })
  const isShared = program.signIn === null && action.isolation === 'read committed'
  return { program, one: isShared ? oneStatement(model, program, outputOf) : null }
}

/** Checks the request of an action and hashes its passwords, without the database. @throws Failure when the request is refused. */
export async function prepareAction(stack: Stack, asked: AskedAction): Promise<Perform> {
  const perform = await prepareSteps(stack, asked)
  return asked.action.signsOut ? thenSignOut(stack, asked.caller, perform) : perform
}

async function prepareSteps(stack: Stack, asked: AskedAction): Promise<Perform> {
  const { caller, action, input, versions, shown } = asked
  // An action that is closed to all callers is answered like an address that does not exist.
  if (isNever(action.allow)) throw failure('route_not_found', { hint: '' })
  // No anonymous caller can pass `allow`.
  if (!isKnown(caller) && isNever(specialise(action.allow, caller))) throw failure('not_signed_in', {})
  const row = rowValue(stack, asked)
  const sent = readTokens(stack, action, input())
  const given = { ...callerValues(stack.model, caller), ...row, versions: versions === null ? null : arrayLiteral(versions) }
  const { run: code } = action
  if (code !== null) return performing(stack, { caller, action, run: code, values: { ...given, ...sent } })
  const entered = await enter(stack, action, sent)
  const isSelected = shown !== undefined
  const called = isSelected ? asked : { ...asked, action: actionForCall(action, sent), caller: entered?.caller ?? caller }
  const { program, one } = programOf(stack, called)
  const tokens = newTokens(stack, program)
  const session = entered === null ? requestValues(stack, caller) : enteredValues(stack.model, entered)
  const hashed = await hashInputs(stack, action, sent)
  const steps: CalledSteps = {
    stack,
    caller,
    program,
    entered,
    sent,
    values: { ...shown?.values, ...program.constants, ...given, ...hashed, ...session },
    tokens,
  }
  const perform: Perform = async (runner) => {
    if (stack.journal?.isReplaying() === true) return repeatSteps(steps, runner)
    if (one !== null && runner === stack.executor && stack.context.short) {
      const answer = await runOneStatement(stack, program, { one, values: steps.values, caller })
      if (answer !== null) return { answer, after: async () => {} }
    }
    if (action.isolation === 'read committed') return performSteps(steps, runner)
    return runner.transaction((within) => performSteps(steps, within), { ...transactionOf(action), withinMs: LIMITS.transactionMs })
  }
  return entered === null ? perform : (runner) => perform(runner).catch((error: unknown) => leave(stack, entered, error))
}

/** A call of an action of steps, whose request was checked. */
interface CalledSteps {
  readonly stack: Stack
  readonly caller: Caller
  readonly program: ActionProgram
  /** The account that has signed in with its password; null for none. */
  readonly entered: SignedIn | null
  /** The input, with the passwords themselves. */
  readonly sent: Values
  readonly values: Values
  readonly tokens: NewTokens
}

function running({ stack, program, caller }: CalledSteps, runner: Runner) {
  return (statements: readonly Statement[], of: Values) =>
    runner.runInOrder(statements, of).catch((error: unknown) => {
      throw actionFailure(stack, program, { caller, error })
    })
}

/** Makes the answer of a repetition from the rows of the first request. */
async function repeatSteps(called: CalledSteps, runner: Runner): Promise<Performed> {
  const { stack, program, values, tokens, sent } = called
  const ids = stack.journal?.next().rows.map(({ id }) => id) ?? []
  const kept = Object.fromEntries(ids.map((id, i) => [keptSlot(i), id]))
  const { signIn } = program
  const again = signIn?.by === 'row' ? await enterAgain(stack, { by: signIn, sent }, ids) : null
  const session = again === null ? {} : enteredValues(stack.model, again)
  const account = again ?? called.entered
  const repeated = await running(called, runner)(program.replay, { ...values, ...tokens.hidden, ...kept, ...session })
  if (account !== null) stack.signedIn?.(account)
  return { answer: answerOf(program, repeated.at(-1)), after: async () => {} }
}

/** Runs the steps, and begins the session of an account that they make. */
async function performSteps(called: CalledSteps, runner: Runner): Promise<Performed> {
  const { stack, program, caller, entered, tokens } = called
  const { signIn } = program
  const opening = signIn?.by === 'row' ? openingSession(stack) : null
  const call: ProgramCall = {
    program,
    caller,
    ...(entered === null ? {} : { account: entered.caller }),
    ...(opening === null ? {} : { accountIn: async (row) => (await opening.signedIn(row)).caller }),
  }
  const values = { ...called.values, ...tokens.shown, ...opening?.values }
  const { results, accounts, after } = await runProgram(stack, call, values, runner)
  if (stack.journal !== undefined) {
    const [named] = program.remember === null ? [] : ((await running(called, runner)([program.remember], {}))[0] ?? [])
    stack.journal.record(
      'action',
      (named ?? []).map((text) => ({ id: text, version: null, body: null })),
    )
  }
  const answer = answerOf(program, results.at(-1))
  const opened = opening === null || signIn?.by !== 'row' ? entered : await opening.signedIn(results[signIn.at]?.[0])
  return {
    answer: opening === null || opened === null ? answer : opening.shown(answer, opened),
    secrets: [...tokens.texts, ...(opened === null ? [] : [opened.token, opened.refreshToken])],
    async after() {
      if (opened !== null) stack.signedIn?.(opened)
      if (program.enqueues) stack.wakeJobs()
      await followAccounts(stack, opened?.caller ?? caller, accounts)
      await after()
    },
  }
}

/** The value that finds the row of the action, as a slot. @throws Failure `not_found` for a text that no row can have. */
function rowValue(stack: Stack, { action, row }: AskedAction): Values {
  if (action.entity === null || row === null) return {}
  const entity = entityNamed(stack.model, action.entity)
  const by = action.address.row?.by ?? 'id'
  if (isToken(fieldNamed(entity, by))) return { row: storedToken(stack, row) }
  return by === 'id' ? { id: idValue(entity, row) } : { row: keyValue(entity, by, row) }
}

/** Runs an action of code. Its passwords are not hashed here: the code passes them on, and the write that stores one hashes it. */
function performing(stack: Stack, called: CalledCode): Perform {
  return async (runner) => {
    const { answer, accounts, after } = await performCode(stack, called, runner)
    return {
      answer,
      async after() {
        await followAccounts(stack, called.caller, accounts)
        await after()
      },
    }
  }
}

function answerOf({ answers }: ActionProgram, rows: readonly Row[] | undefined): TextAnswer {
  return textAnswer(answers, rows?.[0]?.[0])
}

/** Ends the sessions of accounts that the action deleted or gave a new password, and reads changed accounts again. */
async function followAccounts({ identity }: Stack, caller: Caller, accounts: readonly ChangedAccount[]): Promise<void> {
  if (identity === null) return
  for (const { id, change } of accounts) {
    if (change === 'deleted') await identity.revokeUser(id, 'account-closed')
    if (change === 'password') await identity.revokeUser(id, 'password-changed', caller.session ?? undefined)
    identity.forgetUser(id)
  }
}
