/** Traversal of actions: the only place that lists where an action has expressions, and which rows its steps write. */

import { unreachable } from '../base/unreachable.ts'
import type {
  Action,
  ActionFailure,
  ActionName,
  ActionStep,
  AnswerTree,
  Assignment,
  Elements,
  EmitStep,
  EnsureStep,
  SignInStep,
  StepRows,
  StepTarget,
} from './action.ts'
import type { Predicate, RowPath, RowSet } from './expression.ts'
import { type Hook, hasHooksFor } from './model.ts'
import { type Visitor, visitPredicate, visitTerm } from './tree.ts'

/**
 * Functions that are called for each expression of an action, for each set of rows that a step or an answer is about, and for each row that
 * a shape is about.
 */
export interface ActionVisitor extends Visitor {
  readonly rows?: (set: RowSet) => void
  readonly shaped?: (row: RowPath) => void
}

/** Visits all expressions of an action and everything in them: of its `allow`, inputs, transition, steps and answer. */
export function visitAction(action: Action, visitor: ActionVisitor): void {
  visitPredicate(action.allow, visitor)
  for (const { type } of action.inputs) if (type.kind === 'reference') visitPredicate(type.where, visitor)
  if (action.transition?.guard) visitPredicate(action.transition.guard, visitor)
  for (const step of action.steps) visitStep(step, visitor)
  visitAnswer(action.answer, visitor)
}

/** Visits the expressions of a step. */
export function visitStep(step: ActionStep, visitor: ActionVisitor): void {
  const predicate = (p: Predicate | null): void => {
    if (p !== null) visitPredicate(p, visitor)
  }
  const values = (set: readonly Assignment[]): void => {
    for (const { value } of set) visitTerm(value, visitor)
  }
  predicate(step.when)
  if (step.each !== null) visitElements(step.each.over, visitor)
  visitRowsOf(step, visitor)
  if ('where' in step) predicate(step.where)
  if ('set' in step) values(step.set)
  switch (step.verb) {
    case 'list':
      visitTerm(step.limit, visitor)
      if (step.offset !== null) visitTerm(step.offset, visitor)
      if (step.distinct !== null) visitTerm(step.distinct, visitor)
      break
    case 'require':
      predicate(step.condition)
      break
    case 'ensure':
      values(step.existing)
      break
    case 'call':
      for (const { value } of step.inputs) visitTerm(value, visitor)
      break
    case 'emit':
      for (const { value } of step.inputs) visitTerm(value, visitor)
      for (const { of } of step.results) {
        const value = of.kind === 'items' ? of.items : of.kind === 'rows' ? of.total : null
        if (value !== null) visitTerm(value, visitor)
      }
      break
    case 'enqueue':
      for (const { value } of step.inputs) visitTerm(value, visitor)
      if (step.runAt !== null) visitTerm(step.runAt, visitor)
      break
    case 'find':
    case 'create':
    case 'update':
    case 'delete':
    case 'signIn':
      break
    default:
      unreachable(step)
  }
}

function visitRowsOf(step: ActionStep, visitor: ActionVisitor): void {
  if ('from' in step) visitRows(step.from, visitor)
  if ('target' in step) visitTarget(step.target, visitor)
}

/** Visits the expressions of an answer. */
export function visitAnswer(answer: AnswerTree, visitor: ActionVisitor): void {
  switch (answer.kind) {
    case 'value':
      visitTerm(answer.value, visitor)
      break
    case 'object':
      for (const member of answer.members) visitAnswer(member.of, visitor)
      break
    case 'list':
      visitElements(answer.each.over, visitor)
      if (answer.key !== null) visitTerm(answer.key, visitor)
      visitAnswer(answer.of, visitor)
      break
    case 'shape':
      visitor.shaped?.(answer.row)
      visitAnswer(answer.of, visitor)
      break
    case 'none':
    case 'row':
    case 'token':
    case 'session':
    case 'constant':
    case 'output':
      break
    default:
      unreachable(answer)
  }
}

/** The tokens that an answer shows. */
export function tokensIn(answer: AnswerTree): readonly ShownToken[] {
  switch (answer.kind) {
    case 'token':
      return [answer]
    case 'object':
      return answer.members.flatMap(({ of }) => tokensIn(of))
    case 'list':
    case 'shape':
      return tokensIn(answer.of)
    case 'none':
    case 'value':
    case 'row':
    case 'session':
    case 'constant':
    case 'output':
      return []
    default:
      return unreachable(answer)
  }
}

/** The step with which an action signs in; undefined for most actions. */
export function signInStepOf({ steps }: Pick<Action, 'steps'>): SignInStep | undefined {
  return steps.find((step) => step.verb === 'signIn')
}

/** A token in an answer. */
export type ShownToken = Extract<AnswerTree, { readonly kind: 'token' }>

function visitElements(elements: Elements, visitor: ActionVisitor): void {
  if (elements.kind === 'rows') visitRows(elements.rows, visitor)
  else if (elements.kind === 'items') visitTerm(elements.of, visitor)
}

function visitRows(rows: StepRows, visitor: ActionVisitor): void {
  if (rows.kind === 'set') visitor.rows?.(rows.set)
}

function visitTarget(target: StepTarget, visitor: ActionVisitor): void {
  if (target.kind === 'rows') visitRows(target.rows, visitor)
}

/** What a step does to rows of an entity. */
export interface RowWrite {
  readonly operation: 'create' | 'update' | 'delete'
  readonly entity: string
}

/** Whether steps of a verb write rows of their entity. */
const WRITES_ROWS = {
  find: false,
  list: false,
  require: false,
  create: true,
  ensure: true,
  update: true,
  delete: true,
  call: false,
  emit: false,
  enqueue: false,
  signIn: false,
} as const satisfies Readonly<Record<ActionStep['verb'], boolean>>

/** A step that writes rows of its entity. */
export type WriteStep = Extract<
  ActionStep,
  { readonly verb: { [V in ActionStep['verb']]: (typeof WRITES_ROWS)[V] extends true ? V : never }[ActionStep['verb']] }
>

/** Whether a step writes rows of its entity itself, not by an action that it calls. */
export function isWriteStep(step: ActionStep): step is WriteStep {
  return WRITES_ROWS[step.verb]
}

/** What an action and the actions that it calls write: each operation on an entity once, in the order of the steps. */
export function writesOf(action: Action, actions: readonly Action[]): readonly RowWrite[] {
  const found = new Map<string, RowWrite>()
  const add = (operation: RowWrite['operation'], entity: string): void => {
    found.set(`${operation} ${entity}`, { operation, entity })
  }
  for (const each of withCalled(action, actions)) {
    if (each.transition !== null && each.entity !== null) add('update', each.entity)
    for (const step of each.steps) {
      if (!isWriteStep(step)) continue
      add(step.verb === 'ensure' ? 'create' : step.verb, step.entity)
      if (step.verb === 'ensure' && step.existing.length > 0) add('update', step.entity)
    }
  }
  return [...found.values()]
}

/** The action and the actions that it calls, directly or through others, each once. */
export function withCalled(action: Action, actions: readonly Action[]): readonly Action[] {
  const found = new Set([action])
  // The loop also visits actions that are added while it runs.
  for (const each of found) {
    for (const step of each.steps) {
      const called = step.verb === 'call' ? actionNamed(actions, step.action) : undefined
      if (called !== undefined) found.add(called)
    }
  }
  return [...found]
}

/** The action of a name; undefined when there is none. */
export function actionNamed(actions: readonly Action[], { entity, name }: ActionName): Action | undefined {
  return actions.find((each) => each.entity === entity && each.name === name)
}

/** The step at the end of an action that logs its event; undefined where nothing reacts to it. */
export function eventStepOf({ entity, name, steps }: Pick<Action, 'entity' | 'name' | 'steps'>): EmitStep | undefined {
  return steps.find((step): step is EmitStep => step.verb === 'emit' && step.event.entity === entity && step.event.happening === name)
}

/** `Course.promote`, or `overdue` for an action of the design. */
export function actionLabel({ entity, name }: ActionName): string {
  return entity === null ? name : `${entity}.${name}`
}

/** The failures that steps of an action name, also those of the actions that it calls, each code once. */
export function failuresOf(action: Action, actions: readonly Action[]): readonly ActionFailure[] {
  const found = new Map<string, ActionFailure>()
  for (const { steps } of withCalled(action, actions)) {
    for (const step of steps)
      if ((step.verb === 'find' || step.verb === 'require') && step.else !== null) found.set(step.else.code, step.else)
  }
  return [...found.values()]
}

/** Whether an `ensure` writes rows of an entity with these hooks. */
export function ensuresWithHooks(step: EnsureStep, hooks: readonly Hook[]): boolean {
  return hasHooksFor(hooks, 'create') || (step.existing.length > 0 && hasHooksFor(hooks, 'update'))
}
