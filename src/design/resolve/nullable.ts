/** Whether a computed value may be missing: what it is computed from may be, or the function has no answer for some values. */

import { unreachable } from '../../base/unreachable.ts'
import type { FunctionName, Term } from '../../model/expression.ts'
import type { Shape } from '../expression/shape.ts'

/** Functions that have no answer for some values: division by zero, a text that is no number. */
const PARTIAL: ReadonlySet<FunctionName> = new Set(['divide', 'modulo', 'int', 'double'])

/** True unless the term surely has a value for every row. */
export function isNullable(term: Term, shape: Shape): boolean {
  switch (term.kind) {
    case 'literal':
    case 'now':
    case 'count':
      return false
    case 'null':
    case 'param':
    case 'auth':
    case 'input':
    case 'item':
    case 'predicate':
      return true
    case 'field': {
      const field = shape.entities.get(term.row.entity)?.fields.get(term.field)
      return term.row.hops.length > 0 || field === undefined || field.kind === 'hidden' || field.optional
    }
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
