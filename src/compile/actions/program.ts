/**
 * An action as a list of statements that run in order in one transaction. No statement needs the answer of an earlier one, so all of them
 * are sent together, in one round trip. They run in this order: the rows of the input, `allow`, locks, `If-Match`, again the rows of the
 * input and `allow`, the steps, the checks over relations, the answer.
 */

import { type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Statement, Values } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { ACTION_ROW, type Action, type ActionStep, inputBinding } from '../../model/action.ts'
import { type ShownToken, tokensIn, visitAnswer, visitStep } from '../../model/action-tree.ts'
import type { Term } from '../../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { idType } from '../rules/term-sql.ts'
import { withoutRules } from '../rules/without-rules.ts'
import { answerSql, type OutputOf } from './answer-sql.ts'
import { deleteSql, transitionSql, updateSql } from './change-steps.ts'
import { createSql } from './create-steps.ts'
import { type ActionScope, keepLastValues, keptPlace, type NamedPlace, type NamedPlaces, placeNamed } from './frame.ts'
import { guardedAction } from './guarded.ts'
import { inlineCalls } from './inline-calls.ts'
import { type Locked, lockStatements, locksOf, strongestFor } from './locks.ts'
import { judgementSql, referencesOf } from './look-up.ts'
import { findSql, listSql, requireSql } from './read-steps.ts'
import { checkedAfter, checkedBefore, checkedTransition, judgeChecks, locksOfChecks, namingMadeRows } from './relation-checks.ts'
import { recallSql, rememberSql } from './replay.ts'
import { type Stop, Stops } from './stops.ts'
import { judgeTrees, lockTreesOf } from './trees.ts'
import { Constants } from './values.ts'

/** The statements of an action. */
export interface ActionProgram {
  readonly action: Action
  readonly statements: readonly Statement[]
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
  /** Whether the last statement returns the JSON of the answer: one row with one column. */
  readonly answers: boolean
  /** All locks of the action, also those for checks. */
  readonly locks: readonly Locked[]
}

/** A statement of a program that changes or deletes accounts. */
export interface AccountChange {
  /** The index of the statement. */
  readonly statement: number
  readonly change: 'changed' | 'password' | 'deleted'
}

/** Compiles an action. `outputOf` gives the fields of the rows in the answer. */
export function compileAction(model: Model, given: Action, outputOf: OutputOf): ActionProgram {
  const whole = namingMadeRows(model, inlineCalls(given, model))
  const action = whole.as === 'caller' ? guardedAction(whole, model) : whole
  const stops = new Stops()
  const constants = new Constants()
  const shared: ActionScope = { model, action, places: placesOf(model, action) }
  const locks = [...locksOf(action), ...locksOfChecks(model, action)]
  const known = new Set([...shared.places.keys()].filter((name) => name === ACTION_ROW || name.startsWith('input.')))
  const locking = lockStatements(shared, locks, known)
  const statements: Statement[] = []
  const accounts: AccountChange[] = []
  const add = (...parts: readonly (Sql | null)[]): void => {
    for (const part of parts) if (part !== null) statements.push(statementOf(action, part))
  }
  const noteAccounts = (change: AccountChange['change'] | null): void => {
    if (change !== null) accounts.push({ statement: statements.length - 1, change })
  }
  add(
    judgementSql(shared, stops, 'before locks'),
    ...lockTreesOf(model, action.steps),
    ...locking,
    locking.length === 0 ? null : judgementSql(shared, stops, 'under locks'),
    ...(action.transition === null ? [] : transitionSql(shared, action.transition, stops)),
  )
  noteAccounts(action.transition !== null && action.entity === model.identity?.entity ? 'changed' : null)
  if (action.transition !== null) add(...checkedTransition(shared))
  let rows = shared
  for (const [i, step] of action.steps.entries()) {
    const gone = deletedName(step, shared)
    if (gone !== null) add(keepLastValues(placeNamed(shared.places, gone), i).sql)
    add(...checkedBefore(rows, step), stepSql(rows, step, { stops, constants, locks }))
    noteAccounts(accountChange(model, step))
    add(judgeTrees(model, step, stops), ...checkedAfter(rows, step))
    // The step itself locks the row that it finds. The rows that are reached from it are locked now.
    if (step.verb === 'find' && step.as !== null) add(...lockStatements(rows, locks, new Set([step.as])))
    if (gone !== null) {
      const { place } = keepLastValues(placeNamed(shared.places, gone), i)
      rows = { ...rows, places: new Map([...rows.places, [gone, place]]) }
    }
  }
  add(...judgeChecks(rows, stops))
  // Code as system gets its rows as they are.
  const shownBy = action.run !== null && action.as === 'system' ? withoutRules(model) : model
  const answer = answerSql({ ...rows, model: shownBy }, action.answer, outputOf)
  add(answer)
  const remember = rememberSql(shared)
  const replay = [...recallSql(shared, stops), ...(answer === null ? [] : [answer])]
  return {
    action,
    statements,
    constants: constants.values,
    stops: stops.all,
    accounts,
    remember: remember === null ? null : statementOf(action, remember),
    replay: replay.map((part) => statementOf(action, part)),
    tokens: tokensIn(action.answer),
    answers: answer !== null,
    locks,
  }
}

function statementOf(action: Action, part: Sql): Statement {
  return { name: `action ${nameOf(action)}`, sql: part }
}

/** What a step does to accounts; null for a step that changes none. */
function accountChange({ identity }: Model, step: ActionStep): AccountChange['change'] | null {
  if (identity === null || (step.verb !== 'update' && step.verb !== 'delete') || step.entity !== identity.entity) return null
  if (step.verb === 'delete') return 'deleted'
  return step.set.some(({ field }) => field === identity.password) ? 'password' : 'changed'
}

/** The name of the row that a step deletes from its table; null for steps that delete no named row. */
function deletedName(step: ActionStep, { places }: ActionScope): string | null {
  if (step.verb !== 'delete' || step.target.kind !== 'row' || step.when !== null || step.each !== null) return null
  const { row } = step.target
  const place = row.hops.length === 0 ? places.get(row.binding) : undefined
  return place === undefined || place.entity.softDelete ? null : row.binding
}

/** The name of an action, for logs and measurements: `Order.cancel`, or `transfer` for an action of the design. */
export function nameOf({ entity, name }: Action): string {
  return entity === null ? name : `${entity}.${name}`
}

function placesOf(model: Model, action: Action): NamedPlaces {
  const places = new Map<string, NamedPlace>()
  const keepRow = (name: string, entity: string, many = false): void => {
    places.set(name, keptPlace(entityNamed(model, entity), places.size, many))
  }
  if (action.entity !== null) places.set(ACTION_ROW, rowPlace(entityNamed(model, action.entity)))
  for (const { name, type } of referencesOf(action.inputs)) keepRow(inputBinding(name), type.entity)
  for (const step of action.steps)
    if (step.as !== null && step.verb !== 'require' && step.verb !== 'call') keepRow(step.as, step.entity, isMany(step))
  return places
}

function isMany(step: ActionStep): boolean {
  const isWrite = step.verb === 'update' || step.verb === 'delete'
  return step.verb === 'list' || step.each !== null || (isWrite && step.target.kind === 'rows')
}

/** The row of a row action: the request has its id. */
function rowPlace(entity: Entity): NamedPlace {
  return { entity, many: false, setting: null, key: slot('id', idType(entity)), total: sql`null::bigint`, lastValues: null }
}

interface Collecting {
  readonly stops: Stops
  readonly constants: Constants
  readonly locks: readonly Locked[]
}

function stepSql(shared: ActionScope, step: ActionStep, collecting: Collecting): Sql {
  const { stops, locks } = collecting
  const lock = step.as === null ? null : strongestFor(locks, step.as)
  switch (step.verb) {
    case 'find':
      return findSql(shared, step, { stops, lock })
    case 'list':
      return listSql(shared, step, { stops, counts: namesTotal(shared.action, step.as), lock })
    case 'require':
      return requireSql(shared, step, stops)
    case 'create':
    case 'ensure':
      return createSql(shared, step, collecting)
    case 'update':
      return updateSql(shared, step, stops)
    case 'delete':
      return deleteSql(shared, step, stops)
    case 'call':
      throw new Error('a call is replaced by the steps of its action')
    default:
      return unreachable(step)
  }
}

/** Whether an expression uses the number of rows that a `list` would have without its limit. */
function namesTotal({ steps, answer }: Action, name: string | null): boolean {
  let found = false
  const term = (t: Term): void => {
    found ||= t.kind === 'count' && t.over.via === null && t.over.beyond && t.over.of.binding === name
  }
  for (const step of steps) visitStep(step, { term })
  visitAnswer(answer, { term })
  return found
}
