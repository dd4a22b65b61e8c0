/** Whether a computed value may be missing: one of its inputs may be missing, or a function has no result for some inputs. */

import { unreachable } from '../../base/unreachable.ts'
import type { FunctionName, Term } from '../../model/expression.ts'
import type { Shape } from '../expression/shape.ts'

/** Functions that have no result for some inputs, such as division by zero. */
const PARTIAL: ReadonlySet<FunctionName> = new Set(['divide', 'modulo', 'int', 'double'])

/** Whether a term may be missing for some row. False only when every row surely has a value. */
export function isNullable(term: Term, shape: Shape): boolean {
  switch (term.kind) {
    case 'literal':
    case 'now':
    case 'count':
      return false
    case 'aggregate':
      return term.name !== 'sum' && term.name !== 'list'
    case 'aggregateItems':
      return (term.name !== 'sum' && term.name !== 'list') || isNullable(term.over, shape)
    case 'null':
    case 'param':
    case 'auth':
    case 'input':
    case 'item':
    case 'predicate':
      return true
    case 'field': {
      const field = shape.entities.get(term.row.entity)?.fields.get(term.field)
      return term.row.hops.length > 0 || field === undefined || field.kind === 'hidden' || field.kind === 'derived' || field.optional
    }
    case 'derived':
      return term.row.hops.length > 0 || isNullable(term.of, shape)
    case 'if':
      return isNullable(term.yes, shape) || isNullable(term.no, shape)
    case 'list':
      return term.of.some((item) => isNullable(item, shape))
    case 'call':
      return PARTIAL.has(term.name) || term.args.some((arg) => isNullable(arg, shape))
    default:
      return unreachable(term)
  }
}
