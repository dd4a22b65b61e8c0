/** Each condition and lock of the actions of a model, dropped in turn. */

import type { Locked } from '../../../src/compile/actions/locks.ts'
import { inlineCalls } from '../../../src/compile/actions/rewrite/inline-calls.ts'
import type { Action } from '../../../src/model/action.ts'
import { ALWAYS } from '../../../src/model/expression.ts'
import { type Entity, entityNamed, fieldNamed, type Model } from '../../../src/model/model.ts'

/** A model without one condition, or with one lock less. */
export interface Mutant {
  /** What is dropped, such as `transfer: require 1`. */
  readonly name: string
  readonly model: (model: Model) => Model
  /** The action and the rows that it does not lock; null for a dropped condition. */
  readonly lock: { readonly action: string; readonly rows: string } | null
}

/** All mutants of a model. `locksOf` gives the locks of an action, in which the called steps stand in place of the calls. */
export function mutantsOf(model: Model, locksOf: (action: Action) => readonly Locked[]): readonly Mutant[] {
  const actions = model.actions.flatMap((action) => {
    const rows = new Set(locksOf(inlineCalls(action, model)).map(rowsKey))
    return mutantsOfAction(action, [...rows], model)
  })
  return [...actions, ...model.entities.flatMap(mutantsOfChecks)]
}

/** The rows of a lock, as text. */
export function rowsKey({ rows }: Locked): string {
  return JSON.stringify(rows)
}

/** `Order.cancel`, or `transfer` for an action of the design. */
export function labelOf({ entity, name }: Pick<Action, 'entity' | 'name'>): string {
  return entity === null ? name : `${entity}.${name}`
}

function mutantsOfAction(action: Action, locks: readonly string[], model: Model): readonly Mutant[] {
  const label = labelOf(action)
  const drop = (what: string, change: (action: Action) => Action): Mutant => ({
    name: `${label}: ${what}`,
    model: (whole) => ({ ...whole, actions: whole.actions.map((one) => (labelOf(one) === label ? change(one) : one)) }),
    lock: null,
  })
  const requires = action.steps.flatMap((step, i) =>
    step.verb === 'require' ? [drop(`require ${i}`, (one) => ({ ...one, steps: one.steps.filter((_, place) => place !== i) }))] : [],
  )
  const wheres = action.inputs.flatMap(({ name, type }) =>
    type.kind === 'reference' && type.where !== ALWAYS && !(type.where.kind === 'const' && type.where.value === true)
      ? [drop(`where of ${name}`, (one) => ({ ...one, inputs: one.inputs.map((input) => (input.name === name ? open(input) : input)) }))]
      : [],
  )
  const lockMutants = locks.map(
    (rows, i): Mutant => ({
      name: `${label}: lock ${i} (${rows})`,
      model: (whole) => whole,
      lock: { action: label, rows },
    }),
  )
  const isOpen = action.allow.kind === 'const' && action.allow.value === true
  const allow = isOpen ? [] : [drop('allow', (one) => ({ ...one, allow: ALWAYS }))]
  return [...allow, ...wheres, ...transitionMutants(action, drop, model), ...requires, ...lockMutants]
}

function open(input: Action['inputs'][number]): Action['inputs'][number] {
  return input.type.kind === 'reference' ? { ...input, type: { ...input.type, where: ALWAYS } } : input
}

/** A transition without its guard, and one that starts from every state. */
function transitionMutants(
  { transition, entity }: Action,
  drop: (what: string, change: (action: Action) => Action) => Mutant,
  model: Model,
): readonly Mutant[] {
  if (transition === null || entity === null) return []
  const { type } = fieldNamed(entityNamed(model, entity), transition.field)
  const states = type.kind === 'choice' ? type.values : []
  const from = drop('from', (one) => ({ ...one, transition: one.transition === null ? null : { ...one.transition, from: states } }))
  const guard = drop('guard', (one) => ({ ...one, transition: one.transition === null ? null : { ...one.transition, guard: null } }))
  return transition.guard === null ? [from] : [from, guard]
}

function mutantsOfChecks(entity: Entity): readonly Mutant[] {
  const without = (what: string, change: (entity: Entity) => Entity): Mutant => ({
    name: `${entity.name}: check ${what}`,
    model: (whole) => ({ ...whole, entities: whole.entities.map((one) => (one.name === entity.name ? change(one) : one)) }),
    lock: null,
  })
  return [
    ...entity.checks.map(({ name }) => without(name, (one) => ({ ...one, checks: one.checks.filter((check) => check.name !== name) }))),
    ...entity.relationChecks.map(({ name }) =>
      without(name, (one) => ({ ...one, relationChecks: one.relationChecks.filter((check) => check.name !== name) })),
    ),
  ]
}
