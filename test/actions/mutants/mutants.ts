/** Each condition and lock of the actions of a model, and each part of the guards of its writes, dropped in turn. */

import type { Locked, RowLock } from '../../../src/compile/actions/locks/locks.ts'
import { inlineCalls } from '../../../src/compile/actions/rewrite/inline-calls.ts'
import { checkedEntities } from '../../../src/compile/statements/checks/checked.ts'
import type { WriteGuard } from '../../../src/compile/statements/checks/guard-write.ts'
import type { Action } from '../../../src/model/action.ts'
import { ALWAYS } from '../../../src/model/expression.ts'
import { type Entity, entityNamed, fieldNamed, type Model } from '../../../src/model/model.ts'

/** A model without one condition, or a compiler that leaves out one part of the statements. */
export interface Mutant {
  /** What is dropped, such as `transfer: require 1`. */
  readonly name: string
  readonly model: (model: Model) => Model
  /** What the compiler leaves out; null for a dropped condition. */
  readonly dropped: Dropped | null
}

/** What the compiler leaves out. */
export type Dropped =
  /** The locks of an action on these rows. */
  | { readonly kind: 'lock'; readonly action: string; readonly rows: string }
  /** The locks that an action takes only for one of its conditions; `without` is the action without the condition. */
  | { readonly kind: 'condition'; readonly action: string; readonly without: (action: Action) => Action }
  /** A part of the statements around a write. */
  | { readonly kind: 'guard'; readonly write: string; readonly part: keyof WriteGuard }

/** The locks of an action, in which the called steps stand in place of the calls. */
export type LocksOf = (model: Model, action: Action) => readonly Locked[]

/** All mutants of a model. */
export function mutantsOf(model: Model, locksOf: LocksOf): readonly Mutant[] {
  const actions = model.actions.flatMap((action) => {
    const inline = inlineCalls(action, model)
    const rows = new Set(locksOf(model, inline).map(rowsKey))
    return [...mutantsOfAction(action, [...rows], model), ...conditionLocks(model, inline, locksOf)]
  })
  return [...actions, ...model.entities.flatMap(mutantsOfChecks), ...guardMutants(model)]
}

const ASCENDING: readonly RowLock[] = ['share', 'no key update', 'update']

/** The strongest lock of the action for each of its rows. */
function strengths(locks: readonly Locked[]): ReadonlyMap<string, RowLock> {
  return new Map(ASCENDING.flatMap((lock) => locks.filter((one) => one.lock === lock).map((one) => [rowsKey(one), lock] as const)))
}

/** The locks of `allow`, of the guard and of each `where`, where nothing else locks the same rows as strongly. */
function conditionLocks(model: Model, action: Action, locksOf: LocksOf): readonly Mutant[] {
  const label = labelOf(action)
  const whole = strengths(locksOf(model, action))
  const conditions: readonly (readonly [string, (one: Action) => Action])[] = [
    ['allow', (one) => ({ ...one, allow: ALWAYS })],
    ['guard', (one) => ({ ...one, transition: one.transition === null ? null : { ...one.transition, guard: null } })],
    ...action.inputs.map(
      ({ name }) =>
        [`where of ${name}`, (one: Action) => ({ ...one, inputs: one.inputs.map((i) => (i.name === name ? open(i) : i)) })] as const,
    ),
  ]
  return conditions.flatMap(([what, without]): readonly Mutant[] => {
    const rest = strengths(locksOf(model, without(action)))
    const isNeeded = [...whole].some(([rows, lock]) => rest.get(rows) !== lock)
    const dropped: Dropped = { kind: 'condition', action: label, without }
    return isNeeded ? [{ name: `${label}: locks of ${what}`, model: (same) => same, dropped }] : []
  })
}

/** The parts of the guard of each write that callers may do and that could break a check over relations. */
function guardMutants(model: Model): readonly Mutant[] {
  const checked = checkedEntities(model)
  return model.entities.flatMap(({ name, access }) => {
    const isLinked = checked.some(({ links }) => links.some(({ child }) => child === name))
    const isOwn = checked.some(({ entity }) => entity.name === name)
    const isRead = checked.some(({ reads }) => reads.has(name))
    const canBreak = { create: isLinked || isOwn, update: isRead, delete: isLinked }
    return (['create', 'update', 'delete'] as const).flatMap((kind) => {
      const rule = access[kind]
      const rules = 'kind' in rule ? [rule] : [rule.from, rule.to]
      if (!canBreak[kind] || rules.some((one) => one.kind === 'const' && one.value === false)) return []
      // A new row has no lock before it is there.
      const parts = kind === 'create' && !isLinked ? (['keeps', 'judges'] as const) : (['locks', 'keeps', 'judges'] as const)
      return parts.map((part): Mutant => {
        const write = `${kind} ${name}`
        return { name: `${write}: ${part} of the guard`, model: (same) => same, dropped: { kind: 'guard', write, part } }
      })
    })
  })
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
    dropped: null,
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
      dropped: { kind: 'lock', action: label, rows },
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
    dropped: null,
  })
  return [
    ...entity.checks.map(({ name }) => without(name, (one) => ({ ...one, checks: one.checks.filter((check) => check.name !== name) }))),
    ...entity.relationChecks.map(({ name }) =>
      without(name, (one) => ({ ...one, relationChecks: one.relationChecks.filter((check) => check.name !== name) })),
    ),
  ]
}
