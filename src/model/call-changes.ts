/** Whether the steps of a called action change what the call looks at: its condition, its row and its elements. */

import { unreachable } from '../base/unreachable.ts'
import { ACTION_ROW, type Action, type ActionStep, type CallStep, inputBinding, type UpdateStep } from './action.ts'
import { actionNamed, visitStep } from './action-tree.ts'
import type { Predicate, RowPath, RowSet, Term } from './expression.ts'
import { entityNamed, hasHooksFor, isMaintained, type Model } from './model.ts'
import { type Visitor, visitPredicate, visitTerm } from './tree.ts'

/** What expressions look at. */
interface Look {
  /** Fields as `Entity.field`. */
  readonly fields: Set<string>
  /** Entities whose rows are counted or run through. */
  readonly entities: Set<string>
}

function addPath(look: Look, { root, hops }: RowPath): void {
  let entity = root
  for (const hop of hops) {
    look.fields.add(`${entity}.${hop.field}`)
    entity = hop.entity
  }
}

function addRows(look: Look, rows: RowSet): void {
  addPath(look, rows.of)
  look.entities.add(rows.entity)
  if (rows.via !== null) look.fields.add(`${rows.entity}.${rows.via}`)
}

function looking(look: Look): Visitor {
  return {
    term(t: Term) {
      if (t.kind === 'field') {
        addPath(look, t.row)
        look.fields.add(`${t.row.entity}.${t.field}`)
      } else if (t.kind === 'count' || t.kind === 'aggregate') addRows(look, t.over)
    },
    predicate(p: Predicate) {
      if (p.kind === 'some' || p.kind === 'every') addRows(look, p.over)
      else if (p.kind === 'can') addPath(look, p.row)
    },
  }
}

/** What a value looks at. */
function lookOfValue(value: Term): Look {
  const look: Look = { fields: new Set(), entities: new Set() }
  visitTerm(value, looking(look))
  return look
}

/**
 * The inputs of a call whose values look at what a step of the called action changes before its last use of the input. The value of an
 * input stands for it in every step, so it would change, too. A row that an input names is found once, unless the call has `each`.
 */
export function changedInputs(model: Model, call: CallStep): readonly string[] {
  const called = actionNamed(model.actions, call.action)
  if (called === undefined) return []
  return call.inputs.flatMap(({ name, value }) => {
    const input = called.inputs.find((one) => one.name === name)
    if (input === undefined || (input.type.kind === 'reference' && call.each === null)) return []
    const last = called.steps.findLastIndex((step) => usesInput(step, name))
    const earlier = [...stateOf(called), ...called.steps.slice(0, Math.max(last, 0))]
    return last >= 0 && earlier.some((step) => mayChange(model, step, lookOfValue(value))) ? [name] : []
  })
}

function usesInput(step: ActionStep, name: string): boolean {
  let isUsed = false
  const row = ({ binding }: RowPath): void => {
    if (binding === inputBinding(name)) isUsed = true
  }
  visitStep(step, {
    term: (t) => {
      if (t.kind === 'input' && t.field === name) isUsed = true
      if (t.kind === 'field') row(t.row)
    },
    rows: ({ of }) => row(of),
  })
  if ('target' in step && step.target.kind === 'row') row(step.target.row)
  return isUsed
}

/** The number of steps of an action before the first one that writes. A transition writes before all of them. */
export function leadingSteps({ transition, steps }: Action): number {
  const reads = (verb: ActionStep['verb']): boolean => verb === 'require' || verb === 'find' || verb === 'list'
  const first = steps.findIndex(({ verb }) => !reads(verb))
  return transition !== null ? 0 : first < 0 ? steps.length : first
}

/**
 * Whether the row of a call can be found once for its steps, before the first one that writes. The steps from there on only change or
 * delete this row, so they do nothing where it is missing.
 */
export function findsRowOnce(model: Model, { action }: CallStep): boolean {
  const called = actionNamed(model.actions, action)
  if (called === undefined) return false
  return called.steps.slice(leadingSteps(called)).every((step) => {
    if (step.verb === 'emit' && step.when === null && step.each === null) return true
    if ((step.verb !== 'update' && step.verb !== 'delete') || step.each !== null) return false
    return step.target.kind === 'row' && step.target.row.binding === ACTION_ROW && step.target.row.hops.length === 0
  })
}

/** Whether a call looks at what its steps change, and has no row or elements that are found once. */
export function changesCondition(model: Model, call: CallStep): boolean {
  const { when, each, on } = call
  const isFound =
    each === null ? on !== null && findsRowOnce(model, call) : each.over.kind === 'rows' && (on === null || on.hops.length === 0)
  return (when !== null || on !== null) && !isFound && changesOwnCall(model, call)
}

/** What a call looks at each time that one of its steps runs. */
function lookOf({ when, each, on }: CallStep): Look {
  const look: Look = { fields: new Set(), entities: new Set() }
  if (when !== null) visitPredicate(when, looking(look))
  if (on !== null) addPath(look, on)
  if (each?.over.kind === 'rows' && each.over.rows.kind === 'set') addRows(look, each.over.rows.set)
  if (each?.over.kind === 'rows' && each.over.rows.kind === 'entity') look.entities.add(each.over.rows.entity)
  return look
}

/**
 * Whether a step of the called action but the last may change what the call looks at, so that the call must look only once. A deletion
 * may clear references, and hooks may change anything.
 */
export function changesOwnCall(model: Model, call: CallStep): boolean {
  const called = actionNamed(model.actions, call.action)
  if (called === undefined) return false
  const written = [...stateOf(called), ...called.steps]
  return written.length > 1 && written.slice(0, -1).some((step) => mayChange(model, step, lookOf(call)))
}

type Written = Pick<UpdateStep, 'verb' | 'entity' | 'set'> | ActionStep

/** The state that a transition writes before its steps. */
function stateOf({ transition, entity }: Action): readonly Written[] {
  if (transition === null || entity === null) return []
  const value: Term = { kind: 'null', type: { scalar: 'text', list: false } }
  return [{ verb: 'update', entity, set: [{ field: transition.field, value, ifSent: null }] }]
}

function mayChange(model: Model, step: Written, look: Look): boolean {
  switch (step.verb) {
    case 'find':
    case 'list':
    case 'require':
    case 'emit':
    case 'enqueue':
    case 'signIn':
      return false
    case 'delete':
      return true
    case 'call': {
      const called = actionNamed(model.actions, step.action)
      return called !== undefined && [...stateOf(called), ...called.steps].some((inner) => mayChange(model, inner, look))
    }
    case 'create':
      return hasHooksFor(entityNamed(model, step.entity).hooks, 'create') || look.entities.has(step.entity)
    case 'ensure':
    case 'update': {
      const entity = entityNamed(model, step.entity)
      const given = step.verb === 'update' ? step.set : step.existing
      const fields = [
        ...given.map(({ field }) => field),
        ...entity.fields.filter((one) => isMaintained(one) && !one.immutable).map(({ name }) => name),
      ]
      const isMade = step.verb === 'ensure' && (look.entities.has(step.entity) || hasHooksFor(entity.hooks, 'create'))
      return isMade || hasHooksFor(entity.hooks, 'update') || fields.some((field) => look.fields.has(`${step.entity}.${field}`))
    }
    default:
      return unreachable(step)
  }
}
