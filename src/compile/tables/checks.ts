/** The cross-field checks of an entity as conditions of its table. */

import { ident, type Sql, sql } from '../../base/sql/sql.ts'
import type { Entity, Model } from '../../model/model.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { rowFields } from '../rules/row-local.ts'

/** A check constraint over the fields of a row, with the message of the design for rows that break it. */
export interface TableCheck {
  readonly name: string
  readonly fields: readonly string[]
  readonly condition: Sql
  readonly message: string
}

/**
 * The checks that a table can hold. Each holds only when its rule is true. Unknown, the result of comparing a missing value, refuses the
 * row.
 */
export function checksOf(model: Model, entity: Entity): readonly TableCheck[] {
  return entity.checks.flatMap((check) => {
    const fields = rowFields({ predicate: check.rule })
    if (fields === null) return []
    const condition = sql`(${whenTrue(check.rule, rowScope(model, ident(entity.table)))}) is true`
    return [{ name: check.name, fields, condition, message: check.message }]
  })
}
