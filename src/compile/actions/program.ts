/**
 * An action as a list of statements that run in order in one transaction. No statement needs the answer of an earlier one, so all of them
 * are sent together, in one round trip. They run in this order: the rows of the input, `allow`, locks, `If-Match`, again the rows of the
 * input and `allow`, the steps, the checks over relations, the answer. Only steps that write rows with hooks wait for the process
 * (`hooked-program.ts`).
 */

import type { Sql } from '../../base/sql/sql.ts'
import type { Statement, Values } from '../../base/sql/statement.ts'
import type { Action, ActionStep, SignInStep } from '../../model/action.ts'
import { type ShownToken, signInStepOf, tokensIn } from '../../model/action-tree.ts'
import type { Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { withoutRules } from '../rules/without-rules.ts'
import { answerSql, type OutputOf } from './answer-sql.ts'
import { checkTransition, deletesOneRow, keepLastValues, transitionSql } from './change-steps.ts'
import { type ActionScope, type NamedPlaces, placeNamed, withLastValues } from './frame.ts'
import { allWrites, type HookedStep, hookedStep, movingStep, writesOfRows } from './hooked-program.ts'
import type { WriteOfRow } from './hooked-writes.ts'
import { emitSql } from './later-steps.ts'
import { holdRows, lockStatements } from './lock-statements.ts'
import { locksBehind, looksBehind } from './locks/behind-elements.ts'
import { looksElsewhere } from './locks/expressions.ts'
import { type Locked, locksOf } from './locks/locks.ts'
import { entrySql, referencesOf } from './look-up.ts'
import { type Stop, Stops } from './parts/stops.ts'
import { judgeTrees, lockTreesOf } from './parts/trees.ts'
import { placesOf } from './places.ts'
import { stillFoundSql, stillListedSql } from './read-steps.ts'
import {
  checkedAfter,
  checkedBefore,
  checkedBeforeTransition,
  checkedTransition,
  judgeChecks,
  locksOfChecks,
  namingRows,
} from './relation-checks.ts'
import { keptIndex, recallSql, rememberSql } from './replay.ts'
import { inlineCalls } from './rewrite/inline-calls.ts'
import { maskedAction } from './rewrite/masked.ts'
import { type AccountClaims, accountOf, asAccount, hookedAs, openingSql, type ProgramSignIn, signedClaims } from './sign-in.ts'
import { type AccountChange, accountChange, type CollectedOfStep, statementOf, stepSql } from './step-sql.ts'
import { Constants } from './values.ts'

/** The statements of an action. */
export interface ActionProgram {
  readonly action: Action
  readonly statements: readonly Statement[]
  /** Whether the first statement asks `allow` and nothing else. */
  readonly asksAllow: boolean
  /** Statements after the code of an action of code: they log its event. */
  readonly closing: readonly Statement[]
  /** The steps around which hooks run, in their order; they are not among the statements. Empty for nearly all actions. */
  readonly hooked: readonly HookedStep[]
  /** Values that are the same in every call. */
  readonly constants: Values
  /** The reasons for which statements stop the action, by the number in the error. */
  readonly stops: readonly Stop[]
  /** The statements that change or delete accounts; each returns a row with the id of every account. */
  readonly accounts: readonly AccountChange[]
  /** Returns the ids of the rows that the action has named, for a repetition; null when it names none. */
  readonly remember: Statement | null
  /** The statements of a repetition; the last returns the JSON of the answer. */
  readonly replay: readonly Statement[]
  /** The tokens that the answer shows. */
  readonly tokens: readonly ShownToken[]
  /** How the action signs in; null for most actions. */
  readonly signIn: ProgramSignIn | null
  /** Whether the last statement returns the JSON of the answer: one row with one column. */
  readonly answers: boolean
  /** All locks of the action, also those for checks. */
  readonly locks: readonly Locked[]
  /** The rows that the action names. */
  readonly places: NamedPlaces
  /** Whether a step adds jobs. */
  readonly enqueues: boolean
}

/** What the statements of an action are made with. */
export interface Compiling {
  /** Gives the fields of the rows in the answer. */
  readonly outputOf: OutputOf
  /**
   * Makes the statement that begins a session for an account that the action has made; its columns are the id and the claims. It is made
   * only for actions that sign in.
   */
  readonly openSession: OpenSession
}

/** The statement that begins a session for the account with an id. The services of identity know it. */
export type OpenSession = (userId: Sql) => Sql

/** Compiles an action. */
export function compileAction(model: Model, given: Action, { outputOf, openSession }: Compiling): ActionProgram {
  const whole = namingRows(model, inlineCalls(given, model))
  const action = whole.as === 'caller' ? maskedAction(whole, model) : whole
  const moving = movingStep(action)
  const writes = writesOfRows(model, action, moving)
  const shared: ActionScope = { model, action, places: placesOf(model, action, writes) }
  // The rules of the caller in the conditions of `action` hide rows, but no condition of the design depends on them: these need no locks.
  const locks = [...locksOf(model, action), ...locksBehind(model, whole), ...locksOfChecks(model, action)]
  const parts = new ProgramParts(action, { stops: new Stops(), constants: new Constants(), locks, openSession })
  const { stops, constants } = parts.collecting
  const trees = lockTreesOf(model, [...action.steps, ...allWrites(writes).map(({ write }) => write)])
  parts.add(...entrySql(shared, stops, { trees, locks }))
  addTransition(parts, shared, moving === null ? undefined : writes.get(moving))
  const rows = addSteps(parts, shared, writes)
  parts.add(...judgeChecks(rows, stops))
  // Code as system gets its rows as they are.
  const shownBy = action.run !== null && action.as === 'system' ? withoutRules(model) : model
  const answer = answerSql({ ...rows, model: shownBy }, action.answer, outputOf)
  parts.add(answer)
  const remember = rememberSql(shared)
  const signIn = signInStepOf(action)
  const recalled = [...recallSql(shared, stops), ...(answer === null ? [] : [answer])]
  // The account has signed in again before a repetition begins.
  const replay = signIn === undefined ? recalled : recalled.map((part) => asAccount(part, signedClaims))
  return {
    action,
    statements: parts.statements,
    asksAllow: action.entity === null && referencesOf(action.inputs).length === 0 && !isAlways(action.allow),
    closing: parts.closing,
    hooked: parts.hooked,
    constants: constants.values,
    stops: stops.all,
    accounts: parts.accounts,
    remember: remember === null ? null : statementOf(action, remember),
    replay: replay.map((part) => statementOf(action, part)),
    tokens: tokensIn(action.answer),
    signIn: signIn === undefined ? null : signInOfProgram(shared, signIn, parts),
    answers: answer !== null,
    locks,
    places: shared.places,
    enqueues: action.steps.some(({ verb }) => verb === 'enqueue'),
  }
}

type Collecting = CollectedOfStep & Pick<Compiling, 'openSession'>

/** The parts of a program while it is made. */
class ProgramParts {
  readonly statements: Statement[] = []
  readonly closing: Statement[] = []
  readonly hooked: HookedStep[] = []
  readonly accounts: AccountChange[] = []
  readonly action: Action
  readonly collecting: Collecting
  /** The statement that begins the session; null if none does. */
  opening: number | null = null
  /** The claims of the account that has signed in; null until then. */
  #account: AccountClaims | null = null

  constructor(action: Action, collecting: Collecting) {
    this.action = action
    this.collecting = collecting
  }

  add(...parts: readonly (Sql | null)[]): void {
    for (const part of parts) if (part !== null) this.statements.push(statementOf(this.action, this.#seen(part)))
  }

  #seen(part: Sql): Sql {
    return this.#account === null ? part : asAccount(part, this.#account)
  }

  /** From here on, `auth` is the account of the step. */
  addSignIn(shared: ActionScope, { account }: SignInStep): void {
    if (account.kind === 'password') this.#account = signedClaims
    else {
      const { key } = placeNamed(shared.places, account.row.binding)
      this.opening = this.statements.length
      this.add(openingSql(this.collecting.openSession(key)))
      this.#account = accountOf(shared.model, key)
    }
  }

  /** Adds a step with hooks. `before` are statements right before the write of a row. */
  addHooked(shared: ActionScope, one: WriteOfRow, before: readonly Sql[]): void {
    const step = hookedStep(shared, one, { ...this.collecting, at: this.statements.length, before })
    this.hooked.push(this.#account === null ? step : hookedAs(step, this.#account))
  }

  /** Notes that the last statement changes accounts. */
  noteAccounts(change: AccountChange['change'] | null): void {
    if (change !== null) this.accounts.push({ statement: this.statements.length - 1, change })
  }
}

function signInOfProgram(shared: ActionScope, { account }: SignInStep, { opening }: ProgramParts): ProgramSignIn {
  if (account.kind === 'password') return { by: 'password', login: account.login, password: account.password }
  const { binding } = account.row
  const { identity } = shared.model
  const made = shared.action.steps.find((step) => step.verb === 'create' && step.as === binding)
  const given = made?.verb === 'create' ? made.set.find(({ field }) => field === identity?.password)?.value : undefined
  const password = given?.kind === 'input' ? given.field : null
  return { by: 'row', at: opening ?? 0, kept: keptIndex(shared, binding), password }
}

/** Adds the transition of an action. `hooked` is its write, if hooks run around it. */
function addTransition(parts: ProgramParts, shared: ActionScope, hooked: WriteOfRow | undefined): void {
  const { model, action } = shared
  const { transition } = action
  if (transition === null) return
  parts.add(...checkTransition(shared, transition, parts.collecting.stops))
  if (hooked !== undefined) parts.addHooked(shared, hooked, [])
  else {
    parts.add(...checkedBeforeTransition(shared), transitionSql(shared, transition))
    parts.noteAccounts(action.entity === model.identity?.entity ? 'changed' : null)
    parts.add(...checkedTransition(shared))
  }
}

/** Adds the steps of an action. Gives the rows as they are after the last step. */
function addSteps(parts: ProgramParts, shared: ActionScope, writes: ReadonlyMap<ActionStep, WriteOfRow>): ActionScope {
  const { model, action } = shared
  const { stops, locks } = parts.collecting
  let rows = shared
  for (const [i, step] of action.steps.entries()) {
    if (step.verb === 'signIn') {
      parts.addSignIn(rows, step)
      continue
    }
    if (step.verb === 'emit' && action.run !== null) {
      parts.closing.push(statementOf(action, emitSql(rows, step)))
      continue
    }
    const gone = deletesOneRow(model, step) ? `plinth.gone_${i}` : null
    const kept = (scope: ActionScope, write: ActionStep): readonly Sql[] =>
      gone === null || write.verb !== 'delete' ? [] : [keepLastValues(scope, write, gone)]
    const written = writes.get(step)
    // The values are kept after the hook before, which may change them.
    if (written !== undefined) parts.addHooked(rows, written, kept(rows, written.write))
    else {
      const { lock, shared: held } = holdRows(rows, step, locks)
      parts.add(...checkedBefore(rows, step), ...lock, ...kept(held, step), stepSql(held, step, parts.collecting))
      parts.noteAccounts(accountChange(model, step))
      parts.add(judgeTrees(model, step, stops), ...checkedAfter(rows, step))
    }
    // The step itself locks the rows that it finds. The rows that are reached from them are locked now.
    if ((step.verb === 'find' || step.verb === 'list') && step.as !== null) {
      const reached = lockStatements(rows, locks, new Set([step.as]))
      parts.add(...reached)
      // Other rows were seen as they were before the statement waited for its locks.
      if (step.verb === 'find' && !action.reads && looksElsewhere(step.where))
        parts.add(stepSql(rows, step, parts.collecting), ...reached, stillFoundSql(rows, step, stops))
      if (step.verb === 'list' && looksBehind(locks, step))
        parts.add(stepSql(rows, step, parts.collecting), ...reached, stillListedSql(rows, step))
    }
    if (gone !== null && step.verb === 'delete') rows = { ...rows, places: withLastValues(rows.places, step.entity, gone) }
  }
  return rows
}
