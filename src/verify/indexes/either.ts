/** Finds conditions joined by "or", which no single index serves: the explanation where no index is advised. Pure. */

import type { Plan } from '../../compile/statements/plan.ts'
import type { Predicate } from '../../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { conjuncts, visitPredicate } from '../../model/tree.ts'
import { placeOf } from '../../server/plan/indexed-field.ts'
import { includesOf, rulesOf } from './candidates.ts'

/**
 * The rows that an "or" in a plan's conditions on `table` is about: the entity for the row itself and for related rows, the path for a
 * referenced row. Null where there is no "or".
 */
export function eitherOf(model: Model, plan: Plan, table: string): readonly string[] | null {
  const rules = [
    ...rulesOf(plan).map((rule) => ({ entity: plan.entity, rule })),
    ...includesOf(plan).map((include) => ({ entity: include.output.entity, rule: include.visible })),
  ]
  const found = rules
    .filter(({ entity }) => entity.table === table)
    .flatMap(({ entity, rule }) => conjuncts(rule).flatMap((p) => (p.kind === 'any' ? [rowsOf(model, entity, p)] : [])))
  const [most] = found.toSorted((one, other) => other.length - one.length)
  return most ?? null
}

function rowsOf(model: Model, entity: Entity, either: Predicate): readonly string[] {
  const rows = new Set<string>()
  visitPredicate(either, {
    predicate: (p) => {
      if (p.kind === 'some' || p.kind === 'every') rows.add(entityNamed(model, p.over.entity).name)
    },
    term: (term) => {
      const place = term.kind === 'field' ? placeOf(model, term) : null
      if (place !== null) rows.add(place.path.join('.'))
      if (term.kind === 'count' || term.kind === 'aggregate') rows.add(entityNamed(model, term.over.entity).name)
    },
  })
  return [...rows].toSorted().map((row) => (row === '' ? entity.name : row))
}
