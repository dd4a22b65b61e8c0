/** Puts the steps of called actions in place of the calls. Names of a called action get a prefix, so that no name is given twice. */

import { FAILURES } from '../../../base/failures/failure-catalogue.ts'
import { unreachable } from '../../../base/unreachable.ts'
import {
  ACTION_ROW,
  type Action,
  type ActionStep,
  type Assignment,
  type CallStep,
  type Each,
  inputBinding,
  STEP_ROW,
  type StepRows,
  type StepTarget,
} from '../../../model/action.ts'
import { leadingSteps } from '../../../model/call-changes.ts'
import {
  ALWAYS,
  type LoggedResult,
  NEVER,
  type Predicate,
  type RowPath,
  type RowSet,
  scalarType,
  type Term,
} from '../../../model/expression.ts'
import { entityNamed, fieldNamed, type Model, storedScalar } from '../../../model/model.ts'
import { both } from '../../../model/predicate.ts'
import { mapPredicate, mapTerm, type Parts } from '../../../model/tree.ts'
import { thereStep, transitionSteps } from './called-transition.ts'
import { onceForCall } from './once-for-call.ts'

/** Returns the action with the steps of called actions in place of `call`. The limits of steps and of levels are checked in the design. */
export function inlineCalls(action: Action, model: Model): Action {
  let calls = 0
  const deleted = new Set<string>()
  const replaced = (steps: readonly ActionStep[]): readonly ActionStep[] =>
    steps.flatMap((step) => {
      if (step.verb === 'call') return replaced(calledSteps(step, { model, as: action.as, prefix: `call ${++calls} `, deleted }))
      if (step.verb === 'delete') deleted.add(step.entity)
      return [step]
    })
  return { ...action, steps: replaced(action.steps) }
}

interface Calling {
  readonly model: Model
  /** The rights of the action that is run. */
  readonly as: Action['as']
  readonly prefix: string
  /** The entities of which an earlier step deletes rows. */
  readonly deleted: ReadonlySet<string>
}

function calledSteps(asked: CallStep, { model, as, prefix, deleted }: Calling): readonly ActionStep[] {
  const called = model.actions.find(({ entity, name }) => entity === asked.action.entity && name === asked.action.name)
  if (called === undefined) throw new Error(`no action ${asked.action.name}`)
  const once = onceForCall(model, asked, prefix)
  // Steps before the first one that writes look at the call itself, because nothing has changed yet.
  const isRow = once.before.length > 0 && asked.each === null
  const call = isRow ? asked : once.call
  const values = new Map(call.inputs.map(({ name, value }) => [name, value]))
  const moved = movedTo({ call, called, values, prefix })
  const found = called.inputs.flatMap((input): readonly ActionStep[] => {
    if (input.type.kind !== 'reference') return []
    const { entity } = input.type
    const value = values.get(input.name) ?? null
    if (call.each === null) return [referenceStep({ model, prefix, call }, input.name, { entity, value })]
    const row = rowOfInput(called, values, inputBinding(input.name))
    if (row !== null) return [elementsHaveRow(row, call, { as, input: input.name })]
    // The call leaves it out, so it is missing for all elements.
    return [referenceStep({ model, prefix, call: { ...call, when: null } }, input.name, { entity, value: null })]
  })
  const { guard = null } = called.transition ?? {}
  const moves = transitionSteps(called, call, guard === null ? null : moved.predicate(guard))
  const isThere = thereStep(called, asked, { as, deleted })
  if (!isRow) return [...once.before, ...found, ...isThere, ...moves, ...called.steps.map((step) => movedStep(step, moved, call))]
  const leading = leadingSteps(called)
  const first = called.steps.slice(0, leading).map((step) => movedStep(step, moved, asked))
  const later = movedTo({ call: once.call, called, values, prefix })
  const state = transitionSteps(called, once.call, null).slice(-1)
  const rest = called.steps.slice(leading).map((step) => movedStep(step, later, once.call))
  return [...found, ...isThere, ...moves.slice(0, -1), ...first, ...once.before, ...state, ...rest]
}

/** The step that stops a call with `each` when an element gives no row to a reference. */
function elementsHaveRow(
  row: RowPath,
  { at, when, each }: CallStep,
  { as, input }: { readonly as: Action['as']; readonly input: string },
): ActionStep {
  const { status, detail } = FAILURES.not_found
  const id: Term = { kind: 'field', type: scalarType('uuid'), row, field: 'id' }
  const isThere: Predicate = { kind: 'not', of: { kind: 'missing', of: id } }
  const condition: Predicate = as === 'caller' ? { kind: 'can', operation: 'read', row } : isThere
  const failure = { code: 'not_found', status, message: detail({ entity: row.entity }) }
  return { verb: 'require', at, as: null, when, each, condition, source: input, else: failure }
}

/** Finds the row that an input of the called action refers to. */
function referenceStep(
  { model, prefix, call }: Pick<Calling, 'model' | 'prefix'> & { readonly call: CallStep },
  input: string,
  { entity, value }: { readonly entity: string; readonly value: Term | null },
): ActionStep {
  const { type } = fieldNamed(entityNamed(model, entity), 'id')
  const id: Term = {
    kind: 'field',
    type: { scalar: storedScalar(type), list: false },
    row: { binding: STEP_ROW, root: entity, hops: [], entity },
    field: 'id',
  }
  return {
    verb: 'find',
    at: call.at,
    as: `${prefix}${inputBinding(input)}`,
    when: call.when,
    each: null,
    from: { kind: 'entity', entity },
    entity,
    where: value === null ? NEVER : { kind: 'compare', op: '=', left: id, right: value },
    sort: [],
    optional: value === null,
    else: null,
  }
}

/** Rewrites the parts of a called action. */
interface Moved extends Parts {
  readonly name: (name: string | null) => string | null
  /** Whether the call gives an input, or the input has a default. */
  readonly isSent: (input: string) => boolean
}

function movedTo({
  call,
  called,
  values,
  prefix,
}: {
  readonly call: CallStep
  readonly called: Action
  readonly values: ReadonlyMap<string, Term>
  readonly prefix: string
}): Moved {
  const own = new Set([
    ...called.inputs.map(({ name }) => inputBinding(name)),
    ...called.steps.flatMap((step) => [...(step.as === null ? [] : [step.as]), ...(step.each === null ? [] : [step.each.name])]),
  ])
  // An expression of one step may bind a name that is the element of another one.
  const bound = <T extends Predicate | Term>(of: T): T => ('as' in of && own.has(of.as) ? { ...of, as: `${prefix}${of.as}` } : of)
  const parts: Parts = {
    predicate: (p) => bound(mapPredicate(p, parts)),
    term: (t) => {
      if (t.kind === 'input') return values.get(t.field) ?? defaultOf(called, t)
      if (t.kind === 'item') return own.has(t.binding) ? { ...t, binding: `${prefix}${t.binding}` } : t
      return bound(mapTerm(t, parts))
    },
    row: (path) => {
      if (path.binding === ACTION_ROW && call.on !== null)
        return { ...call.on, hops: [...call.on.hops, ...path.hops], entity: path.hops.length === 0 ? call.on.entity : path.entity }
      const element = call.each === null ? null : rowOfInput(called, values, path.binding)
      if (element !== null)
        return { ...element, hops: [...element.hops, ...path.hops], entity: path.hops.length === 0 ? element.entity : path.entity }
      return own.has(path.binding) ? { ...path, binding: `${prefix}${path.binding}` } : path
    },
  }
  const hasDefault = (input: string): boolean => called.inputs.some(({ name, default: preset }) => name === input && preset !== null)
  return {
    ...parts,
    name: (name) => (name === null ? null : `${prefix}${name}`),
    isSent: (input) => values.has(input) || hasDefault(input),
  }
}

/** The row that a call gives to a reference, for a call with `each`, in which it differs from element to element; null for other names. */
function rowOfInput({ inputs }: Action, values: ReadonlyMap<string, Term>, binding: string): RowPath | null {
  const input = inputs.find(({ name }) => inputBinding(name) === binding)
  const value = values.get(input?.name ?? '')
  if (input?.type.kind !== 'reference' || value?.kind !== 'field') return null
  const { row, field } = value
  const { entity } = input.type
  return field === 'id' ? row : { ...row, hops: [...row.hops, { field, entity }], entity }
}

/** The value of an input that a call leaves out. */
function defaultOf({ inputs }: Action, { type, field }: Extract<Term, { kind: 'input' }>): Term {
  const value = inputs.find(({ name }) => name === field)?.default?.value ?? null
  // The text of a default is also the text of a literal of its type.
  return value === null ? { kind: 'null', type } : { kind: 'literal', type, value: value as Extract<Term, { kind: 'literal' }>['value'] }
}

function movedStep(step: ActionStep, moved: Moved, { when, each }: CallStep): ActionStep {
  const own = step.when === null ? ALWAYS : moved.predicate(step.when)
  const holds = when === null ? own : both(when, own)
  const common = { as: moved.name(step.as), when: holds === ALWAYS ? null : holds, each: each ?? movedEach(step.each, moved) }
  switch (step.verb) {
    case 'find':
      return { ...step, ...common, from: movedRows(step.from, moved), where: moved.predicate(step.where) }
    case 'list':
      return {
        ...step,
        ...common,
        from: movedRows(step.from, moved),
        where: moved.predicate(step.where),
        limit: moved.term(step.limit),
        offset: step.offset === null ? null : moved.term(step.offset),
        distinct: step.distinct === null ? null : moved.term(step.distinct),
      }
    case 'require':
      return { ...step, ...common, condition: moved.predicate(step.condition) }
    case 'create':
      return { ...step, ...common, set: movedSet(step.set, moved) }
    case 'ensure':
      return { ...step, ...common, set: movedSet(step.set, moved), existing: movedSet(step.existing, moved) }
    case 'update':
      return {
        ...step,
        ...common,
        target: movedTarget(step.target, moved),
        where: moved.predicate(step.where),
        set: movedSet(step.set, moved),
      }
    case 'delete':
      return { ...step, ...common, target: movedTarget(step.target, moved), where: moved.predicate(step.where) }
    case 'emit':
      return {
        ...step,
        ...common,
        row: moved.row(step.row),
        inputs: step.inputs.map((input) => ({ ...input, value: moved.term(input.value) })),
        results: step.results.map((result) => movedResult(result, moved)),
      }
    case 'signIn':
      throw new Error('no action calls one that signs in')
    case 'enqueue':
      return {
        ...step,
        ...common,
        inputs: step.inputs.map((input) => ({ ...input, value: moved.term(input.value) })),
        runAt: step.runAt === null ? null : moved.term(step.runAt),
      }
    case 'call':
      return {
        ...step,
        ...common,
        on: step.on === null ? null : moved.row(step.on),
        inputs: step.inputs.map((input) => ({ ...input, value: moved.term(input.value) })),
      }
    default:
      return unreachable(step)
  }
}

function movedResult({ name, of }: LoggedResult, moved: Moved): LoggedResult {
  switch (of.kind) {
    case 'row':
      return { name, of: { kind: 'row', row: moved.row(of.row) } }
    case 'rows':
      return {
        name,
        of: { ...of, rows: { ...of.rows, of: moved.row(of.rows.of) }, total: of.total === null ? null : moved.term(of.total) },
      }
    case 'items':
      return { name, of: { ...of, items: { ...of.items, binding: moved.name(of.items.binding) ?? of.items.binding } } }
    default:
      return unreachable(of)
  }
}

/** The design fixes the inputs of a call, so no assignment depends on a request. An input that the call leaves out sets no field. */
function movedSet(set: readonly Assignment[], moved: Moved): readonly Assignment[] {
  const given = set.filter(({ ifSent }) => ifSent === null || moved.isSent(ifSent))
  return given.map((one) => ({ ...one, value: moved.term(one.value), ifSent: null }))
}

function movedEach(each: Each | null, moved: Moved): Each | null {
  if (each === null) return null
  const name = moved.name(each.name) ?? each.name
  if (each.over.kind === 'items') return { name, over: { kind: 'items', of: moved.term(each.over.of) } }
  return { name, over: each.over.kind === 'rows' ? { kind: 'rows', rows: movedRows(each.over.rows, moved) } : each.over }
}

function movedTarget(target: StepTarget, moved: Moved): StepTarget {
  return target.kind === 'row' ? { kind: 'row', row: moved.row(target.row) } : { kind: 'rows', rows: movedRows(target.rows, moved) }
}

function movedRows(rows: StepRows, moved: Moved): StepRows {
  return rows.kind === 'entity' ? rows : { kind: 'set', set: movedSetOfRows(rows.set, moved.row) }
}

function movedSetOfRows(set: RowSet, row: (path: RowPath) => RowPath): RowSet {
  return { ...set, of: row(set.of) }
}
