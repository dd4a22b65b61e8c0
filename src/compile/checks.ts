/** The cross-field checks of an entity as conditions of its table, and what only the application can check. */

import { ident, type Sql, sql } from '../base/sql.ts'
import type { Entity, Model } from '../model/model.ts'
import { unenforced } from './limits.ts'
import { rowScope, whenTrue } from './predicate-sql.ts'
import { rowFields } from './row-local.ts'

export interface TableCheck {
  readonly name: string
  readonly fields: readonly string[]
  readonly condition: Sql
  readonly message: string
}

/** The checks that a table can hold. Each holds only when its rule is true: unknown (something compared is missing) refuses, as everywhere. */
export function checksOf(model: Model, entity: Entity): readonly TableCheck[] {
  return entity.checks.flatMap((check) => {
    const fields = rowFields({ predicate: check.rule })
    if (fields === null) return []
    const condition = sql`(${whenTrue(check.rule, rowScope(model, ident(entity.table)))}) is true`
    return [{ name: check.name, fields, condition, message: check.message }]
  })
}

/** A constraint of the design that PostgreSQL does not hold in the same sense; the application alone checks it. */
export interface LeftToApplication {
  readonly entity: string
  readonly what: string
  readonly why: string
}

/** Everything that only the application checks, for `plan` to say so. */
export function leftToApplication(model: Model): readonly LeftToApplication[] {
  return model.entities.flatMap((entity) => [
    ...entity.fields.flatMap(unenforced).map(({ field, why }) => ({ entity: entity.name, what: field, why })),
    ...entity.checks
      .filter((check) => rowFields({ predicate: check.rule }) === null)
      .map((check) => ({ entity: entity.name, what: `check ${check.name}`, why: 'it reads more than the row itself' })),
  ])
}
