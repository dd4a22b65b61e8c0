/** Finds expressions that read one row only, which a check constraint can test, and conditions whose truth is surely known. */

import { unreachable } from '../../base/unreachable.ts'
import type { Predicate, RowPath, Term } from '../../model/expression.ts'
import { entityNamed, type Model } from '../../model/model.ts'

/**
 * The fields that an expression reads, in order of first use, if it reads the row alone: no other row, no caller, no input, no clock. Null
 * if it reads more, or if it examines the items of a list; a check constraint can do neither.
 */
export function rowFields(expression: { readonly predicate: Predicate } | { readonly term: Term }): readonly string[] | null {
  const fields = new Set<string>()
  const local = 'predicate' in expression ? predicateIsLocal(expression.predicate, fields) : termIsLocal(expression.term, fields)
  return local ? [...fields] : null
}

function predicateIsLocal(p: Predicate, fields: Set<string>): boolean {
  switch (p.kind) {
    case 'const':
      return true
    case 'compare':
      return termIsLocal(p.left, fields) && termIsLocal(p.right, fields)
    case 'missing':
    case 'truth':
      return termIsLocal(p.of, fields)
    case 'member':
      return termIsLocal(p.of, fields) && termIsLocal(p.list, fields)
    case 'text':
      return termIsLocal(p.of, fields) && termIsLocal(p.with, fields)
    case 'all':
    case 'any':
      return p.of.every((part) => predicateIsLocal(part, fields))
    case 'not':
    case 'holds':
      return predicateIsLocal(p.of, fields)
    case 'choose':
      return predicateIsLocal(p.test, fields) && predicateIsLocal(p.yes, fields) && predicateIsLocal(p.no, fields)
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'can':
      return false
    default:
      return unreachable(p)
  }
}

function termIsLocal(t: Term, fields: Set<string>): boolean {
  switch (t.kind) {
    case 'literal':
    case 'null':
      return true
    case 'field':
      return isRow(t.row) && fields.add(t.field).size > 0
    case 'if':
      return predicateIsLocal(t.test, fields) && termIsLocal(t.yes, fields) && termIsLocal(t.no, fields)
    case 'list':
      return t.of.every((item) => termIsLocal(item, fields))
    case 'call':
      return t.args.every((argument) => termIsLocal(argument, fields))
    case 'predicate':
      return predicateIsLocal(t.of, fields)
    case 'param':
    case 'item':
    case 'auth':
    case 'input':
    case 'now':
    case 'count':
    case 'aggregate':
    case 'aggregateItems':
    case 'derived':
      return false
    default:
      return unreachable(t)
  }
}

function isRow(row: RowPath): boolean {
  return row.binding === 'row' && row.hops.length === 0
}

/**
 * The values of the request on which a condition on the row `as` depends: if none of them is missing, the condition is true or false for
 * every row, as a comparison is unknown only if one of its sides is missing. Null for a condition that may be unknown for other reasons.
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
