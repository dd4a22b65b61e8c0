/** Finds references that make it impossible to create or delete rows. */

import type { Entity, Field, Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'

/** Reports circles of required references, and rows that can never be deleted. */
export function reviewReferences(model: Model, report: Report): void {
  reviewCircles(model, report)
  for (const entity of model.entities) if (!isNever(entity.access.delete)) reviewDeletion(entity, model, report)
}

interface Need {
  readonly from: string
  readonly field: string
  readonly to: string
}

/** Each circle of required references once, from the entity that the design names first. */
function reviewCircles(model: Model, report: Report): void {
  const needs = new Map(model.entities.map((entity) => [entity.name, needsOf(entity)]))
  const done = new Set<string>()
  const visit = (name: string, trail: readonly Need[]): void => {
    const start = trail.findIndex((need) => need.from === name)
    if (start >= 0) reportCircle(trail.slice(start), report)
    if (start >= 0 || done.has(name)) return
    for (const need of needs.get(name) ?? []) visit(need.to, [...trail, need])
    done.add(name)
  }
  for (const { name } of model.entities) visit(name, [])
}

function needsOf(entity: Entity): readonly Need[] {
  return entity.fields.flatMap((field) =>
    field.type.kind === 'ref' && !field.optional ? [{ from: entity.name, field: field.name, to: field.type.entity }] : [],
  )
}

function reportCircle(circle: readonly Need[], report: Report): void {
  const [first] = circle
  if (first === undefined) return
  const way = circle.map((need) => `${need.from}.${need.field}`).join(' → ')
  const message =
    circle.length === 1
      ? `every row of ${first.from} needs another one first`
      : `none of these rows can be the first: ${way} → ${first.from}`
  report.add('PLN-D406', ['entities', first.from, 'fields', first.field], message, 'make one of the references optional')
}

/**
 * Reports an entity whose rows cannot be deleted because rows with an `onDelete: restrict` reference to them can be neither deleted nor
 * changed.
 */
function reviewDeletion(entity: Entity, model: Model, report: Report): void {
  for (const other of model.entities) {
    for (const field of other.fields) {
      if (!holdsForEver(field, other, entity)) continue
      const message =
        `rows of ${entity.name} cannot be deleted while rows of ${other.name} refer to them, ` +
        `and nobody may delete rows of ${other.name} or change their ${quote(field.name)}`
      report.add(
        'PLN-D407',
        ['entities', entity.name, 'access', 'delete'],
        message,
        'use onDelete cascade or setNull, or open delete there',
      )
      return
    }
  }
}

function holdsForEver(field: Field, owner: Entity, target: Entity): boolean {
  if (field.type.kind !== 'ref' || field.type.entity !== target.name || field.type.onDelete !== 'restrict') return false
  const fixed = field.immutable || isNever(field.write) || isNever(owner.access.update.from)
  return fixed && isNever(owner.access.delete)
}
