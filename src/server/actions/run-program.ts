/** Runs the statements of an action, and the hooks around the rows that its steps write. */

import type { Row, Runner, Statement, Value, Values } from '../../base/sql/statement.ts'
import { DRAFT } from '../../compile/actions/hooked-steps.ts'
import type { AccountChange, ActionProgram, HookedStep } from '../../compile/actions/program.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import type { Caller } from '../../model/caller.ts'
import { HOOK_MOMENTS } from '../../model/model.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { HookSubject, JsonRow } from '../run/hook-call.ts'
import type { Stack } from '../run/stack.ts'
import { beganAt, deeper } from '../write/execute-hooked.ts'
import { encodedChanges } from '../write/hooked-values.ts'
import { actionFailure } from './action-failure.ts'

/** A program with its caller. */
export interface ProgramCall {
  readonly program: ActionProgram
  readonly caller: Caller
}

/** What a program did. */
export interface RanProgram {
  /** The rows of each statement. */
  readonly results: readonly (readonly Row[])[]
  /** The accounts that steps have changed or deleted. */
  readonly accounts: readonly ChangedAccount[]
  /** Runs the follow-ups of the writes of hooks, after the commit. */
  readonly after: () => Promise<void>
}

/** An account that a step has changed or deleted. */
export interface ChangedAccount {
  readonly id: string
  readonly change: AccountChange['change']
}

/**
 * Runs a program: all its statements in one trip or, with hooks, in one transaction with several.
 *
 * @throws Failure when the rules, the database or a hook refuse the action.
 */
export async function runProgram(stack: Stack, call: ProgramCall, values: Values, runner: Runner): Promise<RanProgram> {
  if (call.program.hooked.length > 0) return runner.transaction((within) => runHooked(stack, call, values, within))
  const results = await statementsOf(stack, call, runner)(call.program.statements, values)
  return { results, accounts: accountsOf(call.program, results), after: async () => {} }
}

type RunStatements = (statements: readonly Statement[], values: Values) => Promise<readonly (readonly Row[])[]>

function statementsOf(stack: Stack, { program, caller }: ProgramCall, runner: Runner): RunStatements {
  return (statements, values) =>
    runner.runInOrder(statements, values).catch((error: unknown) => {
      throw actionFailure(stack, program, { caller, error })
    })
}

function accountsOf({ accounts }: ActionProgram, results: readonly (readonly Row[])[]): readonly ChangedAccount[] {
  return accounts.flatMap(({ statement, change }) =>
    (results[statement] ?? []).flatMap(([id = null]) => (id === null ? [] : [{ id, change }])),
  )
}

/** A program with hooks under way. */
interface Hooking {
  readonly stack: Stack
  readonly call: ProgramCall
  readonly runner: Runner
  readonly run: RunStatements
  readonly values: Values
  /** The moment at which the transaction began. */
  readonly now: Date
  /** Adds work for after the commit. */
  readonly afterwards: (work: () => Promise<void>) => void
}

async function runHooked(stack: Stack, call: ProgramCall, values: Values, runner: Runner): Promise<RanProgram> {
  const { program } = call
  const deferred = stack.deferred ?? openDeferredChecks(stack.context.model)
  const follow: (() => Promise<void>)[] = []
  const run = statementsOf(stack, call, runner)
  const now = await beganAt(runner)
  const hooking: Hooking = { stack: { ...stack, deferred }, call, runner, run, values, now, afterwards: (work) => void follow.push(work) }
  const results: (readonly Row[])[] = []
  const accounts: ChangedAccount[] = []
  let done = 0
  for (const step of program.hooked) {
    const before = program.statements.slice(done, step.at)
    done = step.at
    const found = await run([...before, ...step.drafts], values)
    results.push(...found.slice(0, before.length))
    const ids = await writeRows(hooking, step, found.at(-1) ?? [])
    const { account } = step
    if (account !== null) accounts.push(...ids.map((id) => ({ id, change: account })))
  }
  results.push(...(await run(program.statements.slice(done), values)))
  if (stack.deferred === undefined) await deferred.judge(runner)
  return {
    results,
    accounts: [...accountsOf(program, results), ...accounts],
    async after() {
      for (const work of follow) await work()
    },
  }
}

/** Writes the rows of a step one after the other, each with its hooks. Gives the ids of the written rows. */
async function writeRows(hooking: Hooking, step: HookedStep, drafts: readonly Row[]): Promise<readonly string[]> {
  const { run, values } = hooking
  const { collect, slots } = step
  const ids: string[] = []
  for (const draft of drafts) {
    const id = await writeRow(hooking, step, draft)
    if (id !== null) ids.push(id)
  }
  if (collect !== null) await run([collect], { ...values, [slots.ids]: arrayLiteral(ids), [slots.total]: drafts.length })
  return ids
}

/** Writes one row. Gives its id; null when nothing was written, because a hook has deleted the row. */
async function writeRow(hooking: Hooking, step: HookedStep, draft: Row): Promise<string | null> {
  const { run } = hooking
  const given = givenBy(hooking, step, draft)
  const row = parsed(draft[DRAFT.row])
  const input = step.operation === 'delete' ? undefined : inputOf(hooking, step, draft)
  const changes = await runHook(hooking, { step, when: 'before' }, about({ input, row }))
  const [found] = (await run(step.write, { ...given, ...(changes === null ? {} : changed(step, changes)) })).at(-1) ?? []
  if (step.operation === 'delete') {
    await runHook(hooking, { step, when: 'after' }, about({ row }))
    return draft[DRAFT.id] ?? null
  }
  if (found === undefined) return null
  await runHook(hooking, { step, when: 'after' }, about({ input, row: parsed(found[1]), before: row }))
  return found[0] ?? null
}

/** The values of the write of a row, without those of hooks. */
function givenBy({ values }: Hooking, { fields, slots }: HookedStep, draft: Row): Values {
  const given: Record<string, Value> = { ...values, [slots.id]: draft[DRAFT.id] ?? null }
  for (const [i, { field, ifSent }] of fields.entries()) {
    const { value, sent, judged } = slots.ofField(field.name)
    const isGiven = ifSent === null || values[`sent.${ifSent}`] === true
    given[value] = draft[DRAFT.values + i] ?? null
    given[`sent.${sent}`] = isGiven
    given[`sent.${judged}`] = isGiven
  }
  return given
}

/** The values that a hook has set. @throws Failure `validation_failed` for values that the fields do not take. */
function changed({ entity, slots }: HookedStep, changes: JsonRow): Values {
  const encoded = encodedChanges(entity, changes, '')
  const set: Record<string, Value> = {}
  for (const name of Object.keys(changes)) {
    const { value, sent, judged } = slots.ofField(name)
    set[value] = encoded[`value.${name}`] ?? null
    set[`sent.${sent}`] = true
    set[`sent.${judged}`] = false
  }
  return set
}

/** What the step writes, as the hooks see it. An input that was not sent sets nothing. */
function inputOf({ values }: Hooking, { fields }: HookedStep, draft: Row): JsonRow {
  const input: Record<string, unknown> = { ...parsed(draft[DRAFT.input]) }
  for (const { field, ifSent } of fields) if (ifSent !== null && values[`sent.${ifSent}`] !== true) delete input[field.name]
  return input
}

function parsed(json: string | null | undefined): JsonRow | undefined {
  return json === null || json === undefined ? undefined : JSON.parse(json)
}

/** The parts of a subject that are there. */
function about(parts: { readonly [Part in keyof HookSubject]: HookSubject[Part] | undefined }): HookSubject {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))
}

interface Due {
  readonly step: HookedStep
  readonly when: 'before' | 'after'
}

/** Runs the hook of a moment, if there is one. It gives the values that the hook sets; null for none. */
async function runHook(
  { stack, call: { caller }, runner, now, afterwards }: Hooking,
  { step: { entity, operation }, when }: Due,
  subject: HookSubject,
): Promise<JsonRow | null> {
  const hook = entity.hooks.find(({ moment }) => moment === HOOK_MOMENTS[operation][when])
  if (hook === undefined) return null
  const { changes, after } = await stack.runHook(deeper(stack, entity), { entity, hook, caller, runner, now, about: subject })
  afterwards(after)
  return changes
}
