/** The actions and workflows of a plan, as data: what each action writes, how it fails, and what it does past the rules of its callers. */

import type { Isolation } from '../../base/sql/statement.ts'
import { locksBehind } from '../../compile/actions/locks/behind-elements.ts'
import { locksOf, type RowLock } from '../../compile/actions/locks/locks.ts'
import { checkedBy, locksOfChecks } from '../../compile/actions/relation-checks.ts'
import { inlineCalls } from '../../compile/actions/rewrite/inline-calls.ts'
import type { Action } from '../../model/action.ts'
import {
  type ActionVisitor,
  actionLabel,
  failuresOf,
  signInStepOf,
  visitAction,
  visitAnswer,
  withCalled,
  writesOf,
} from '../../model/action-tree.ts'
import { shownStatus } from '../../model/errors/error-format.ts'
import type { RowPath } from '../../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { isAlways, ruleFor } from '../../model/predicate.ts'
import type { Workflow } from '../../model/workflow.ts'
import { tripsOf, waitsOf } from './action-trips.ts'

/** An action. */
export interface PlannedAction {
  /** `Order.cancel`, or `transfer` for an action of the design. */
  readonly action: string
  /** Such as `POST /api/orders/{id}/cancel`. */
  readonly address: string
  /** What its address answers and takes other than JSON: `answers text/csv`, `leads to /orders`, `takes a form`. */
  readonly media: readonly string[]
  readonly as: 'caller' | 'system'
  /** The author's text; null if nobody may call it. */
  readonly allow: string | null
  /** The transition of a workflow: `status: placed, paid → cancelled`. */
  readonly moves: string | null
  /** Whether it is code. */
  readonly code: boolean
  readonly isolation: Isolation
  /** Rows that it locks before anything is judged: `Course (row: deleted or counted)`. */
  readonly locks: readonly string[]
  /** Its round trips to PostgreSQL: `1: one statement, shared with other calls`. */
  readonly trips: string
  /** Other writes that wait for it: `new Enrolment (course)`. */
  readonly waits: readonly string[]
  readonly creates: readonly string[]
  readonly changes: readonly string[]
  readonly deletes: readonly string[]
  /** The jobs that its steps add. */
  readonly enqueues: readonly string[]
  /** `409 out_of_stock`, in the order of the steps. */
  readonly fails: readonly string[]
  /** What it does as system that the rules do not allow to all of its callers; null for an action as caller. */
  readonly past: PastTheRules | null
}

/** The entities that an action reads and writes, and the fields of its answer, whose rules it does not apply. */
export interface PastTheRules {
  /** What its code may do with the rows of all entities; null for an action of steps, which does no more than the lists say. */
  readonly code: 'may read' | 'may read and write' | null
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly shows: readonly string[]
}

/** A workflow with its diagram. */
export interface PlannedWorkflow {
  readonly workflow: string
  /** `Order.status`. */
  readonly field: string
  /** A state diagram of Mermaid. */
  readonly diagram: string
}

/** The actions of a model, in its order. */
export function plannedActions(model: Model): readonly PlannedAction[] {
  return model.actions.map((action) => {
    const writes = writesOf(action, model.actions)
    const written = (operation: string): readonly string[] =>
      writes.flatMap((write) => (write.operation === operation ? [write.entity] : []))
    return {
      action: actionLabel(action),
      address: `${action.address.method} ${action.address.path}`,
      media: mediaOf(action),
      as: action.as,
      allow: action.allowSource,
      moves: movesOf(action),
      code: action.run !== null,
      isolation: action.isolation,
      locks: locksFor(action, model),
      trips: tripsOf(model, action),
      waits: waitsOf(model, action),
      creates: written('create'),
      changes: written('update'),
      deletes: written('delete'),
      enqueues: jobsOf(action, model),
      fails: failsOf(action, model),
      past: action.as === 'system' ? pastOf(action, model) : null,
    }
  })
}

function jobsOf(action: Action, { actions }: Model): readonly string[] {
  const steps = withCalled(action, actions).flatMap((one) => one.steps)
  return [...new Set(steps.flatMap((step) => (step.verb === 'enqueue' ? [step.job] : [])))]
}

function mediaOf({ address: { type, accepts, redirect, signed }, page, failurePage, signsOut }: Action): readonly string[] {
  return [
    ...(type === 'csv' ? ['answers text/csv'] : []),
    ...(type === 'html' ? [`answers text/html${page === null ? '' : ` from ${page.file}`}`] : []),
    ...(redirect === null ? [] : [`leads to ${redirect.source}`]),
    ...(accepts === 'form' ? ['takes a form'] : []),
    ...(signed === null ? [] : [`signed with ${signed.secret}`]),
    ...(signsOut ? ['ends the session'] : []),
    ...(failurePage === null ? [] : [`shows failures from ${failurePage.file}`]),
  ]
}

const LOCK_WORDS: Readonly<Record<RowLock, string>> = {
  share: 'read',
  'no key update': 'changed',
  update: 'deleted or counted',
}

/** The rows that an action locks, with the steps of the actions that it calls. */
function locksFor(action: Action, model: Model): readonly string[] {
  const whole = inlineCalls(action, model)
  const locks = [...locksOf(model, whole), ...locksBehind(model, whole), ...locksOfChecks(model, whole)]
  const rank: readonly RowLock[] = ['share', 'no key update', 'update']
  const byRow = new Map<string, { readonly entity: string; readonly lock: RowLock }>()
  for (const { anchor, entity, lock, rows } of locks) {
    const sets = rows.kind === 'row' ? [] : [rows.over, ...rows.inner.map(({ over }) => over)].filter(({ via }) => via !== null)
    const start = sets.flatMap(({ of, relation }) => [...of.hops.map(({ field }) => field), relation])
    const name = [anchor.replace(/^(call \d+ )+|^#/, ''), ...start, ...rows.row.hops.map(({ field }) => field)].join('.')
    const known = byRow.get(name)
    if (known === undefined || rank.indexOf(lock) > rank.indexOf(known.lock)) byRow.set(name, { entity, lock })
  }
  const words = new Map<string, string[]>()
  for (const [name, { entity, lock }] of byRow) {
    const key = `${entity}\n${LOCK_WORDS[lock]}`
    words.set(key, [...(words.get(key) ?? []), name])
  }
  return [...words].map(([key, names]) => {
    const [entity = '', why = ''] = key.split('\n')
    return `${entity} (${names.join(', ')}: ${why})`
  })
}

function movesOf({ transition }: Action): string | null {
  return transition === null ? null : `${transition.field}: ${transition.from.join(', ')} → ${transition.to}`
}

function failsOf(action: Action, model: Model): readonly string[] {
  const shown = (of: { readonly status: number; readonly code: string }) => `${shownStatus(model.errors, of)} ${of.code}`
  const own = failuresOf(action, model.actions).map(shown)
  const namesIn = (isInPath: boolean) => action.inputs.flatMap(({ name, from }) => ((from.in === 'path') === isInPath ? [name] : []))
  const [inputs, inPath] = [namesIn(false), namesIn(true)]
  return [
    ...(signInStepOf(action)?.account.kind === 'password' ? [shown({ status: 401, code: 'invalid_credentials' })] : []),
    ...(action.transition === null ? [] : [shown({ status: 409, code: 'illegal_transition' })]),
    ...(checkedBy(model, inlineCalls(action, model)).length === 0 ? [] : [shown({ status: 409, code: 'check_failed' })]),
    ...own,
    ...(inputs.length === 0 ? [] : [`${shownStatus(model.errors, { status: 400, code: 'validation_failed' })} ${inputs.join(', ')}`]),
    ...(inPath.length === 0 ? [] : [`${shownStatus(model.errors, { status: 404, code: 'not_found' })} ${inPath.join(', ')}`]),
  ]
}

function pastOf(action: Action, model: Model): PastTheRules {
  const reads = new Set<string>()
  const read = (name: string): void => {
    if (!isAlways(entityNamed(model, name).access.read)) reads.add(name)
  }
  const path = (row: RowPath): void => {
    for (const { entity } of row.hops) read(entity)
  }
  for (const each of withCalled(action, model.actions)) {
    visitAction(each, readVisitor(read, path))
    for (const { type } of each.inputs) if (type.kind === 'reference') read(type.entity)
    for (const step of each.steps) if (step.verb === 'find' || step.verb === 'list') read(step.entity)
  }
  const writes = writesOf(action, model.actions)
    .filter(({ operation, entity }) => !isAlways(ruleFor(entityNamed(model, entity), operation)))
    .map(({ operation, entity }) => `${operation} ${entity}`)
  const code = action.run === null ? null : action.reads ? 'may read' : 'may read and write'
  return { code, reads: [...reads], writes, shows: shownBy(action, model) }
}

function readVisitor(read: (entity: string) => void, path: (row: RowPath) => void): ActionVisitor {
  return {
    term: (term) => {
      if (term.kind === 'field') path(term.row)
      else if (term.kind === 'count' || term.kind === 'aggregate') read(term.over.entity)
    },
    predicate: (predicate) => {
      if (predicate.kind === 'some' || predicate.kind === 'every') read(predicate.over.entity)
    },
    rows: (set) => read(set.entity),
    shaped: path,
  }
}

/** The fields of the answer that some rule would hide from some callers. */
function shownBy(action: Action, model: Model): readonly string[] {
  const shown = new Set<string>()
  visitAnswer(action.answer, {
    term: (term) => {
      if (term.kind !== 'field') return
      const entity = entityNamed(model, term.row.entity)
      if (isHidden(entity, term.field)) shown.add(`${entity.name}.${term.field}`)
    },
  })
  return [...shown]
}

function isHidden(entity: Entity, name: string): boolean {
  const field = entity.fields.find((each) => each.name === name)
  return !isAlways(entity.access.read) || (field !== undefined && !isAlways(field.read))
}

/** The workflows of a model with their state diagrams. */
export function plannedWorkflows(model: Model): readonly PlannedWorkflow[] {
  return model.workflows.map((workflow) => ({
    workflow: workflow.name,
    field: `${workflow.entity}.${workflow.field}`,
    diagram: diagramOf(workflow, model),
  }))
}

function diagramOf(workflow: Workflow, model: Model): string {
  const moves = model.actions.flatMap(({ name, transition }) => {
    if (transition === null || transition.workflow !== workflow.name) return []
    return transition.from.map((from) => `  ${from} --> ${transition.to}: ${name}`)
  })
  return ['stateDiagram-v2', `  [*] --> ${workflow.initial}`, ...moves].join('\n')
}
