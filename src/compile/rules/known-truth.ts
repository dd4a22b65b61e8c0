/**
 * Conditions whose truth is surely known. A comparison is unknown only if one of its sides is missing, so a condition on required fields and
 * on values of the request is unknown for all rows or for none. Then a row that satisfies it, or none, decides `exists`, and the other rows
 * need not be read.
 */

import { unreachable } from '../../base/unreachable.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import { entityNamed, type Model } from '../../model/model.ts'

/**
 * The values of the request on which a condition on the row `as` depends: if none of them is missing, the condition is true or false for
 * every row. Null for a condition that may also be unknown for other reasons.
 */
export function knownWith(condition: Predicate, as: string, model: Model): readonly Term[] | null {
  switch (condition.kind) {
    case 'const':
      return condition.value === null ? null : []
    case 'missing':
    case 'holds':
      return []
    case 'compare':
      return together([condition.left, condition.right].map((term) => valueKnownWith(term, as, model)))
    case 'truth':
      return valueKnownWith(condition.of, as, model)
    case 'all':
    case 'any':
      return together(condition.of.map((part) => knownWith(part, as, model)))
    case 'not':
      return knownWith(condition.of, as, model)
    case 'member':
    case 'text':
    case 'choose':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'can':
      return null
    default:
      return unreachable(condition)
  }
}

function valueKnownWith(term: Term, as: string, model: Model): readonly Term[] | null {
  if (term.kind === 'literal' || term.kind === 'now') return []
  if (term.kind === 'auth' || term.kind === 'param' || term.kind === 'input') return [term]
  if (term.kind !== 'field' || term.row.binding !== as || term.row.hops.length > 0) return null
  const field = entityNamed(model, term.row.entity).fields.find(({ name }) => name === term.field)
  return field !== undefined && !field.optional && field.type.kind !== 'computed' && field.system === null ? [] : null
}

function together(parts: readonly (readonly Term[] | null)[]): readonly Term[] | null {
  const known = parts.filter((part) => part !== null)
  return known.length === parts.length ? known.flat() : null
}
