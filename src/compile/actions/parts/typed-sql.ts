/** Values of expressions as columns of their own type. */

import { type Sql, sql, typeName } from '../../../base/sql/sql.ts'
import type { Term, ValueType } from '../../../model/expression.ts'
import type { FieldType } from '../../../model/field-type.ts'
import type { SqlScope } from '../../rules/predicate-sql.ts'
import { termSql } from '../../rules/term-sql.ts'
import { columnType } from '../../values/column-type.ts'

/** A value. PostgreSQL gives a quoted constant no type, so a constant is cast to its type. */
export function typedSql(term: Term, scope: SqlScope): Sql {
  const value = termSql(term, scope)
  return term.kind === 'literal' ? sql`(${value})::${typeName(columnType(typeOf(term.type)))}` : value
}

/** A field type without limits, for the form of a value in JSON. */
export function typeOf({ scalar, list }: ValueType): FieldType {
  const plain = { kind: 'scalar', scalar, min: null, max: null, pattern: null, precision: null } as const
  return list ? { kind: 'list', of: plain, min: null, max: Number.MAX_SAFE_INTEGER } : plain
}
