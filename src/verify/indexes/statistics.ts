/** The numbers of rows and the statistics of values that follow from a design. */

import { unreachable } from '../../base/unreachable.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import type { ColumnStatistics } from '../../postgres/migrate/scratch.ts'

/** Rows of an entity for which the design has no target. */
const ASSUMED_ROWS = 1_000_000

/** Rows by entity: the targets of the design, else a million. */
export function targetRows(model: Model): ReadonlyMap<string, number> {
  return new Map(model.entities.map(({ name }) => [name, Math.max(1, model.targets.rows.get(name) ?? ASSUMED_ROWS)]))
}

/** The assumed part of rows in which an optional field has a value. The same part of rows is assumed not to be soft-deleted. */
const PRESENT_PART = 0.9

/**
 * The statistics of an entity's columns for the planner. The values of a choice are equally frequent, and so are the rows that a reference
 * leads to. Every other field has a different value in each row.
 */
export function columnStatistics(entity: Entity, rows: ReadonlyMap<string, number>): readonly ColumnStatistics[] {
  return entity.fields.map((field) => ({
    column: field.column,
    distinct: distinctValues(field, rows),
    nullPart: field.system === 'deletedAt' ? PRESENT_PART : field.optional ? 1 - PRESENT_PART : 0,
  }))
}

function distinctValues({ type }: Field, rows: ReadonlyMap<string, number>): number {
  switch (type.kind) {
    case 'choice':
      return type.values.length
    case 'ref':
      return rows.get(type.entity) ?? ASSUMED_ROWS
    case 'scalar':
    case 'computed':
      return type.scalar === 'boolean' ? 2 : -1
    case 'list':
    case 'password':
    case 'file':
      return -1
    default:
      return unreachable(type)
  }
}
