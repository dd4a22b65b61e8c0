/** Finds circles of rules through `can`, and lookups of rules that no index serves. */

import type { Operation, Predicate, Term } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import { indexAdvice } from '../../model/names/index-width.ts'
import type { Report } from '../findings/report.ts'
import { predicatesIn, termsIn } from './walk.ts'

/** Reports circles of `can`, and read rules that look up related rows without an index. */
export function reviewRules(model: Model, report: Report): void {
  reviewCan(model, report)
  for (const entity of model.entities) reviewLookUps(entity, model, report)
}

const OPERATIONS: readonly Operation[] = ['read', 'create', 'update', 'delete']

/** `can` uses the rule of another entity, so a circle of them has no end. */
function reviewCan(model: Model, report: Report): void {
  const entities = new Map(model.entities.map((entity) => [entity.name, entity]))
  const done = new Set<string>()
  const visit = (entity: Entity, operation: Operation, trail: readonly string[]): void => {
    const node = `${entity.name}.${operation}`
    const start = trail.indexOf(node)
    if (start >= 0) {
      const [name = '', rule = ''] = node.split('.')
      report.add(
        'PLN-D314',
        ['entities', name, 'access', rule],
        `can() leads back to this rule: ${[...trail.slice(start), node].join(' → ')}`,
        'write the rule of one of the entities with fields instead',
      )
    }
    if (start >= 0 || done.has(node)) return
    for (const { target, operation: next } of takenOver(entity, operation)) {
      const other = entities.get(target)
      if (other !== undefined) visit(other, next, [...trail, node])
    }
    done.add(node)
  }
  for (const entity of model.entities) for (const operation of OPERATIONS) visit(entity, operation, [])
}

function takenOver(entity: Entity, operation: Operation): readonly { target: string; operation: Operation }[] {
  return rulesFor(entity, operation).flatMap((rule) =>
    [...predicatesIn(rule)].flatMap((p) => (p.kind === 'can' ? [{ target: p.row.entity, operation: p.operation }] : [])),
  )
}

function rulesFor(entity: Entity, operation: Operation): readonly Predicate[] {
  return operation === 'update' ? [entity.access.update.from, entity.access.update.to] : [entity.access[operation]]
}

/**
 * A read rule that finds a related row by a field needs an index on that field and the reference, because it runs for every row of a list.
 */
function reviewLookUps(entity: Entity, model: Model, report: Report): void {
  const wanted = new Set<string>()
  for (const predicate of predicatesIn(entity.access.read)) {
    if (predicate.kind !== 'some' || predicate.over.via === null) continue
    const other = model.entities.find((e) => e.name === predicate.over.entity)
    for (const field of comparedFields(predicate.where, predicate.as)) {
      if (other === undefined || field === 'id' || isIndexed(other, predicate.over.via, field)) continue
      const advice = indexAdvice(model, other, [predicate.over.via, field])
      if (advice !== null) wanted.add(advice)
    }
  }
  for (const advice of wanted)
    report.add(
      'PLN-D408',
      ['entities', entity.name, 'access', 'read'],
      'the rule looks up related rows without an index of their own',
      advice,
    )
}

/** Fields of the bound row that must equal something outside of it. */
function comparedFields(where: Predicate, binding: string): readonly string[] {
  if (where.kind === 'all') return where.of.flatMap((part) => comparedFields(part, binding))
  if (where.kind !== 'compare' || where.op !== '=') return []
  const own = (term: Term): string | null =>
    term.kind === 'field' && term.row.binding === binding && term.row.hops.length === 0 ? term.field : null
  const outside = (term: Term): boolean => ![...termsIn(term)].some((t) => t.kind === 'field' && t.row.binding === binding)
  const left = own(where.left)
  if (left !== null && outside(where.right)) return [left]
  const right = own(where.right)
  return right !== null && outside(where.left) ? [right] : []
}

function isIndexed(entity: Entity, via: string, field: string): boolean {
  const lists = [...entity.indexes.map((index) => index.parts.map((part) => part.field)), ...entity.uniques.map((unique) => unique.fields)]
  return lists.some(([first, second]) => (first === via && second === field) || (first === field && second === via))
}
