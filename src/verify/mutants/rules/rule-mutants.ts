/** Mutants of access rules: changed nodes, opened and closed operations, rules of other operations, and rules that are lost at one door. */

import { isDeepStrictEqual } from 'node:util'
import { ALWAYS, NEVER, type Predicate, type Term } from '../../../model/expression.ts'
import { entityNamed, type Model } from '../../../model/model.ts'
import { isAlways, isNever } from '../../../model/predicate.ts'
import type { CasePlan } from '../../cases/cases-of.ts'
import type { MutantKind } from '../kinds.ts'
import type { Mutant } from '../mutant.ts'
import { type ChoicesOf, ruleChanges } from './rule-changes.ts'
import { accessRule, type RulePlace, rulePlaces, withEntity, withRule } from './rule-places.ts'

/** All mutants of the rules of a model. @param plan its cases: a rule can be lost at each door that has one. */
export function ruleMutants(model: Model, plan: Pick<CasePlan, 'cases'>): readonly Mutant[] {
  const choicesOf = choicesIn(model)
  const doors = Map.groupBy(plan.cases, ({ claim }) => claim)
  return rulePlaces(model).flatMap((place) => [
    ...ruleChanges(place.rule, choicesOf).map(({ kind, at, what, rule }) =>
      mutantOf(place, { kind, detail: at, what: `${where(place)}: ${what}`, rule }),
    ),
    ...wholeRules(model, place),
    ...lostAtDoors(place, new Set(doors.get(place.claim)?.map(({ door }) => door))),
  ])
}

/** GraphQL without any read rule of rows. */
export function unguardedGraphql(model: Model, plan: Pick<CasePlan, 'cases'>): readonly Mutant[] {
  return model.entities.flatMap(({ name, access }): readonly Mutant[] => {
    const claim = `access/${name}.read`
    const doors = new Set(plan.cases.filter((one) => one.claim === claim && one.door.startsWith('graphql')).map(({ door }) => door))
    if (isAlways(access.read) || isNever(access.read) || doors.size === 0) return []
    const change = (whole: Model): Model => withEntity(whole, name, (own) => ({ access: withRule(own.access, 'read', ALWAYS) }))
    return [
      {
        name: `mutants/graphql-unguarded/${name}`,
        kind: 'graphql-unguarded',
        what: `GraphQL reads every ${name}`,
        entity: name,
        claims: [claim],
        doors: [...doors],
        plant: { kind: 'model', change },
        rule: null,
      },
    ]
  })
}

interface Changed {
  readonly kind: MutantKind
  /** What tells the mutant from others of its kind and place; empty if there is one. */
  readonly detail: string
  readonly what: string
  readonly rule: Predicate
  readonly doors?: readonly string[]
}

function mutantOf({ claim, entity, rule, put }: RulePlace, { kind, detail, what, rule: after, doors }: Changed): Mutant {
  return {
    name: `mutants/${kind}/${claim.slice('access/'.length)}${detail === '' ? '' : `/${detail}`}`,
    kind,
    what,
    entity,
    claims: [claim],
    doors: doors ?? null,
    plant: { kind: 'model', change: (model) => put(model, after) },
    rule: { claim, before: rule, after },
  }
}

function where({ claim }: RulePlace): string {
  return claim.slice('access/'.length)
}

/** The rule as a whole: open, closed, and that of each other operation. */
function wholeRules(model: Model, place: RulePlace): readonly Mutant[] {
  const { rule, operation, field, entity } = place
  const change = (kind: MutantKind, what: string, next: Predicate, detail = ''): Mutant =>
    mutantOf(place, { kind, detail, what, rule: next })
  const text = where(place)
  if (field !== null) {
    return [
      change('field-rule-dropped', `${text} is dropped`, ALWAYS),
      change('field-closed', `nobody may ${field.of} ${entity}.${field.name}`, NEVER),
    ]
  }
  const others = (['read', 'create', 'update.from', 'delete'] as const).flatMap((other) => {
    const next = accessRule(entityNamed(model, entity), other)
    const isOwn = other === operation || (operation === 'update.to' && other === 'update.from')
    if (isOwn || isConstant(next) || isDeepStrictEqual(next, rule)) return []
    return [change('rule-of-another-operation', `${text} is judged by the rule of ${other}`, next, other)]
  })
  const opened: MutantKind =
    operation === 'update.from' ? 'update-from-ignored' : operation === 'update.to' ? 'update-to-ignored' : 'operation-opened'
  return [
    ...(isConstant(rule) ? [] : [change(opened, `${text} is open to everybody`, ALWAYS)]),
    ...(isNever(rule) ? [] : [change('operation-closed', `${text} is closed to everybody`, NEVER)]),
    ...(operation === 'update.from' && !isConstant(rule) ? [openedUpdate(model, place)] : []),
    ...(isConstant(rule) ? [] : others),
  ]
}

/** Both rules of an update, because each may hide the loss of the other. */
function openedUpdate(model: Model, { entity, claim, rule }: RulePlace): Mutant {
  const isOne = isDeepStrictEqual(rule, entityNamed(model, entity).access.update.to)
  const change = (whole: Model): Model =>
    withEntity(whole, entity, ({ access }) => ({ access: { ...access, update: { from: ALWAYS, to: ALWAYS } } }))
  return {
    name: `mutants/operation-opened/${entity}.update`,
    kind: 'operation-opened',
    what: `${entity}.update is open to everybody`,
    entity,
    claims: [`access/${entity}.update.from`, `access/${entity}.update.to`],
    doors: null,
    plant: { kind: 'model', change },
    rule: isOne ? { claim, before: rule, after: ALWAYS, both: true } : null,
  }
}

function lostAtDoors(place: RulePlace, doors: ReadonlySet<string>): readonly Mutant[] {
  const { rule, operation, field } = place
  if (isConstant(rule)) return []
  const kind: MutantKind =
    field !== null
      ? field.of === 'read'
        ? 'field-read-lost-at-door'
        : 'field-write-lost-at-door'
      : operation === 'read'
        ? 'read-rule-lost-at-door'
        : 'write-rule-lost-at-door'
  return [...doors].map((door) =>
    mutantOf(place, { kind, detail: door, what: `${where(place)} is not asked at ${door}`, rule: ALWAYS, doors: [door] }),
  )
}

function isConstant(rule: Predicate): boolean {
  return isAlways(rule) || isNever(rule)
}

/** The values of choices that a rule compares: fields, and the role and claims of the caller. */
export function choicesIn(model: Model): ChoicesOf {
  const ofField = (entity: string, name: string): readonly string[] => {
    const type = model.entities.find((one) => one.name === entity)?.fields.find((one) => one.name === name)?.type
    return type?.kind === 'choice' ? type.values : []
  }
  return (term: Term) => {
    if (term.kind === 'field') return ofField(term.row.entity, term.field)
    if (term.kind !== 'auth') return []
    const claim = model.claims.find(({ name }) => name === term.claim)
    return claim === undefined || model.identity === null ? [] : ofField(model.identity.entity, claim.field)
  }
}
