/** Finds the field of a condition: a field of the row itself, or of a row at the end of a path of references. */

import type { Term } from '../../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'

/** The field that a condition tests: of the row itself (`path` is empty) or of the row at the end of a path of references. */
export interface FieldPlace {
  readonly path: readonly string[]
  readonly entity: Entity
  readonly field: string
  /** Whether the caller may read the field only on some rows. */
  readonly masked: boolean
}

/**
 * The field that a term reads; null for any other term. A rule that hides the field on some rows does not change the index that serves it.
 */
export function placeOf(model: Model, term: Term): FieldPlace | null {
  if (term.kind === 'if' && term.no.kind === 'null') {
    const inner = placeOf(model, term.yes)
    return inner === null ? null : { ...inner, masked: true }
  }
  if (term.kind !== 'field' || term.row.binding !== 'row') return null
  const { hops, root } = term.row
  const owner = entityNamed(model, term.row.entity)
  const last = hops.at(-1)
  const path = hops.map((hop) => hop.field)
  if (last === undefined || term.field !== 'id' || owner.softDelete) return { path, entity: owner, field: term.field, masked: false }
  // The reference itself holds the id of the row that it points at.
  return { path: path.slice(0, -1), entity: entityNamed(model, hops.at(-2)?.entity ?? root), field: last.field, masked: false }
}
