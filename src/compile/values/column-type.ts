/** The PostgreSQL type of a field's column. */

import { unreachable } from '../../base/unreachable.ts'
import type { FieldType } from '../../model/field-type.ts'
import { SCALARS } from '../../model/scalar.ts'

/** The column's type, as in PostgreSQL: `text[]`, `numeric(10,2)`, the type of the target's id for a reference. */
export function columnType(type: FieldType): string {
  switch (type.kind) {
    case 'scalar':
      return type.precision === null ? SCALARS[type.scalar].column : `numeric(${type.precision.digits},${type.precision.scale})`
    case 'choice':
    case 'password':
      return 'text'
    case 'file':
      return 'jsonb'
    case 'list':
      return `${columnType(type.of)}[]`
    case 'ref':
    case 'computed':
      return SCALARS[type.scalar].column
    default:
      return unreachable(type)
  }
}
