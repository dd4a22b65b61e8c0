/** Values of the design as SQL constants of a column's type. */

import { join, literal, numberLiteral, type Sql, sql, typeName } from '../../base/sql/sql.ts'
import type { FieldType } from '../../model/field-type.ts'
import { SCALARS, type ScalarKind } from '../../model/scalar.ts'
import { columnType } from './column-type.ts'

/**
 * A value of the design (already checked against its field) as a constant of the column's type.
 *
 * @throws TypeError for a value that no design can hold there.
 */
export function constant(type: FieldType, value: unknown): Sql {
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw new TypeError('the default of a list is a list')
    const items = value.map((item) => (type.of.kind === 'choice' ? scalarConstant('text', item) : scalarConstant(type.of.scalar, item)))
    return sql`array[${join(items, ', ', sql``)}]::${typeName(columnType(type))}`
  }
  const scalar = type.kind === 'scalar' || type.kind === 'ref' || type.kind === 'computed' ? type.scalar : 'text'
  return sql`${scalarConstant(scalar, value)}::${typeName(columnType(type))}`
}

/** A value as a constant for comparisons with a scalar's type. @throws TypeError for a value that cannot be of that scalar. */
export function scalarConstant(scalar: ScalarKind, value: unknown): Sql {
  if (scalar === 'json') return literal(JSON.stringify(value))
  switch (typeof value) {
    case 'string':
      return scalar === 'text' || scalar === 'email' || scalar === 'url'
        ? literal(value)
        : sql`${literal(value)}::${typeName(SCALARS[scalar].column)}`
    case 'boolean':
      return value ? sql`true` : sql`false`
    case 'number':
    case 'bigint':
      return numberLiteral(value)
    default:
      throw new TypeError(`not a constant of ${scalar}: ${JSON.stringify(value)}`)
  }
}
