/** Runs the statements of an action, and the hooks around the rows that its steps write. */

import { Failure } from '../../base/failure.ts'
import { sql } from '../../base/sql/sql.ts'
import type { Row, Runner, Statement, Value, Values } from '../../base/sql/statement.ts'
import type { HookedStep } from '../../compile/actions/hooked-program.ts'
import { DRAFT } from '../../compile/actions/hooked-program.ts'
import type { ActionProgram } from '../../compile/actions/program.ts'
import type { AccountChange } from '../../compile/actions/step-sql.ts'
import { specialise } from '../../compile/rules/specialise.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import type { Caller } from '../../model/caller.ts'
import { HOOK_MOMENTS } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { explained } from '../run/database-failure.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { HookSubject, JsonRow } from '../run/hook-call.ts'
import type { Stack } from '../run/stack.ts'
import { beganAt, deeper } from '../write/execute-hooked.ts'
import { changedFrom, encodedChanges } from '../write/hooked-values.ts'
import { actionFailure } from './action-failure.ts'

/** A program with its caller. */
export interface ProgramCall {
  readonly program: ActionProgram
  readonly caller: Caller
  /** The account that has signed in before the transaction; absent for none. */
  readonly account?: Caller
  /** Gives the account of the statement that begins the session of an account that the action has made. */
  readonly accountIn?: (row: Row | undefined) => Promise<Caller>
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
  const run = statementsOf(stack, call, runner)
  const { statements } = call.program
  const results = isAllowed(call) ? [[], ...(await run(statements.slice(1), values))] : await run(statements, values)
  return { results, accounts: accountsOf(call.program, results), after: async () => {} }
}

/** Whether `allow` is true for the caller whatever the rows are, so the statement that asks it is not needed. */
function isAllowed({ program: { action, asksAllow, statements, signIn }, caller }: ProgramCall): boolean {
  return asksAllow && signIn === null && statements.length > 1 && isAlways(specialise(action.allow, caller))
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
  /** Adds an account that was changed or deleted. */
  readonly changes: (account: ChangedAccount) => void
}

async function runHooked(stack: Stack, call: ProgramCall, values: Values, runner: Runner): Promise<RanProgram> {
  const { program } = call
  const deferred = stack.deferred ?? openDeferredChecks(stack.context.model)
  const follow: (() => Promise<void>)[] = []
  const run = statementsOf(stack, call, runner)
  const now = await beganAt(runner)
  const accounts: ChangedAccount[] = []
  const hooking: Hooking = {
    stack: { ...stack, deferred },
    call,
    runner,
    run,
    values,
    now,
    afterwards: (work) => void follow.push(work),
    changes: (account) => void accounts.push(account),
  }
  const results: (readonly Row[])[] = []
  let done = 0
  const { signIn } = program
  let seen: Hooking = call.account === undefined ? hooking : { ...hooking, call: { ...call, caller: call.account } }
  for (const step of program.hooked) {
    const before = program.statements.slice(done, step.at)
    const found = await run([...before, ...step.drafts], values)
    results.push(...found.slice(0, before.length))
    if (signIn?.by === 'row' && signIn.at >= done && signIn.at < step.at && call.accountIn !== undefined)
      seen = { ...hooking, call: { ...call, caller: await call.accountIn(results[signIn.at]?.[0]) } }
    done = step.at
    await writeRows(seen, step, found.at(-1) ?? [])
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

/** Writes the rows of a step one after the other, each with its hooks, and keeps them under the name of the step. */
async function writeRows(hooking: Hooking, step: HookedStep, drafts: readonly Row[]): Promise<void> {
  const { run, values } = hooking
  const { collect, slots } = step
  const ids: string[] = []
  for (const [i, first] of drafts.entries()) {
    const draft = i === 0 ? first : await draftedAgain(hooking, step, first)
    const id = await (step.look === null ? writeRow(hooking, step, draft) : ensureRow(hooking, step, { draft, look: step.look }))
    if (id !== null && step.look !== null && ids.includes(id))
      throw new Failure('already_taken', 'two elements of a step are about the same row', { errors: [] })
    if (id !== null) ids.push(id)
  }
  if (collect !== null)
    await run([collect], { ...values, [slots.id]: ids[0] ?? null, [slots.ids]: arrayLiteral(ids), [slots.total]: drafts.length })
}

/** The draft of a row as the row is now: a hook of an earlier row may have changed it. */
async function draftedAgain({ run, values }: Hooking, { again, slots }: HookedStep, draft: Row): Promise<Row> {
  if (again === null) return draft
  const row = { [slots.id]: draft[DRAFT.id] ?? null, [slots.seen]: draft[DRAFT.seen] ?? null }
  const [changedRow] = (await run([again], { ...values, ...row })).at(-1) ?? []
  return changedRow ?? draft
}

const SAVE: Statement = { name: 'save', sql: sql`savepoint "plinth ensure"` }
const UNDO: Statement = { name: 'undo', sql: sql`rollback to savepoint "plinth ensure"` }
const FORGET: Statement = { name: 'forget', sql: sql`release savepoint "plinth ensure"` }

/** How often an `ensure` looks for its row. It looks again when another request has made the row meanwhile. */
const MAX_LOOKS = 5

/**
 * Finds and changes the row of an `ensure`, or makes it. Gives its id. If no row is made, what the hook before a create wrote is undone.
 */
async function ensureRow(
  hooking: Hooking,
  step: HookedStep,
  { draft, look }: { readonly draft: Row; readonly look: Statement },
): Promise<string | null> {
  const { run, runner, values } = hooking
  const { existing } = step
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const [found] = (await run([look], givenBy(hooking, step, draft))).at(-1) ?? []
    const id = found?.[0] ?? null
    if (id !== null && existing === null) return id
    if (id !== null && existing !== null) {
      const about = { [existing.slots.id]: id, [existing.slots.element]: draft[DRAFT.element] ?? null }
      const [change] = (await run(existing.drafts, { ...values, ...about })).at(-1) ?? []
      if (change !== undefined) await writeRow(hooking, existing, change)
      return id
    }
    await explained(runner.run)(SAVE, {})
    const made = await writeRow(hooking, step, draft)
    if (made === null) await explained(runner.run)(UNDO, {})
    await explained(runner.run)(FORGET, {})
    if (made !== null) return made
  }
  throw new Failure('already_taken', 'another row already has one of these values', { errors: [] })
}

/** Writes one row. Gives its id, or null for none: another row has a value of an `ensure`, or a hook has deleted the row. */
async function writeRow(hooking: Hooking, step: HookedStep, draft: Row): Promise<string | null> {
  const { run, changes: note } = hooking
  const { account, operation } = step
  const given = givenBy(hooking, step, draft)
  const row = parsed(draft[DRAFT.row])
  const input = operation === 'delete' ? undefined : inputOf(hooking, step, draft)
  const changes = await runHook(hooking, { step, when: 'before' }, about({ input, row }))
  const [found] = (await run(step.write, { ...given, ...(changes === null ? {} : changed(step, changes)) })).at(-1) ?? []
  if (operation !== 'delete' && found === undefined) return null
  const id = (operation === 'delete' ? draft[DRAFT.id] : found?.[0]) ?? null
  if (account !== null && id !== null) note({ id, change: account })
  const after = operation === 'delete' ? { row } : { input, row: parsed(found?.[1]), before: row }
  await runHook(hooking, { step, when: 'after' }, about(after))
  return id
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
  return changes === null ? null : changedFrom(subject.input ?? {}, changes)
}
