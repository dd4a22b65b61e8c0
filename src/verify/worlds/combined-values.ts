/** Combinations of the values of a row. */

import type { Entity } from '../../model/model.ts'
import type { Axis, Building } from './building.ts'
import { type Assigned, newRow } from './new-row.ts'

/** The most combinations that are tried for a row that satisfies the checks. */
export const MOST_STARTS = 2_000

/** The axes with the values of a row first that satisfies the checks. */
export function startingFrom(building: Building, entity: Entity, axes: readonly Axis[]): readonly Axis[] {
  const rules = Object.values(building.design.entities[entity.name]?.checks ?? {}).map(({ rule }) => rule)
  const checked = axes.filter(({ field }) => rules.some((rule) => new RegExp(`\\b${field}\\b`).test(rule)))
  if (checked.length === 0) return axes
  const start = fewestFirst(checked, MOST_STARTS).find((values) => building.keeps(entity, newRow(building, entity, values)))
  if (start === undefined) return axes
  return axes.map(({ field, values }) => {
    const first = start[field] ?? null
    return Object.hasOwn(start, field) ? { field, values: [first, ...values.filter((value) => value !== first)] } : { field, values }
  })
}

/** Combinations of values, those with the fewest unusual values first. */
export function fewestFirst(axes: readonly Axis[], most: number): readonly Assigned[] {
  const found: Assigned[] = []
  const choose = (at: number, left: number, assigned: Assigned): void => {
    if (found.length >= most) return
    const axis = axes[at]
    if (axis === undefined) {
      if (left === 0) found.push(assigned)
      return
    }
    if (axes.length - at < left) return
    const [usual, ...unusual] = axis.values
    if (axis.values.length > 0) choose(at + 1, left, { ...assigned, [axis.field]: usual ?? null })
    else choose(at + 1, left, assigned)
    if (left > 0) for (const value of unusual) choose(at + 1, left - 1, { ...assigned, [axis.field]: value })
  }
  for (let deviations = 0; deviations <= axes.length && found.length < most; deviations++) choose(0, deviations, {})
  return found
}
