/** Filters of one shape share one statement: their constants become parameters. */

import type { Value, Values } from '../../base/sql/statement.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import { mapPredicate, mapTerm, type Parts } from '../../model/tree.ts'
import { arrayLiteral } from '../values/encode.ts'

/** A predicate whose constants are parameters. */
export interface Parameterised {
  readonly predicate: Predicate
  /** The value of each parameter, by the key of its slot. */
  readonly values: Values
  /** The constant that each parameter replaces, by the key of its slot. */
  readonly literals: ReadonlyMap<string, Term>
}

/** The value of a constant in its slot. */
export function slotValue({ value }: Extract<Term, { readonly kind: 'literal' }>): Value {
  return typeof value === 'object' ? arrayLiteral(value) : value
}

/**
 * Takes the constants out of a predicate: they become parameters `p0`, `p1`, … in order of appearance. The rest is the shape. It keeps true
 * and false, because the planner estimates the number of rows from them, and patterns, because they have been checked. Keys start with
 * `prefix`, which keeps several filters of one statement apart.
 */
export function parameterise(predicate: Predicate, prefix = ''): Parameterised {
  const values: Record<string, Value> = {}
  const literals = new Map<string, Term>()
  const parts: Parts = {
    predicate: (p) => {
      if (p.kind === 'text' && p.op === 'matches') return { ...p, of: parts.term(p.of) }
      return mapPredicate(p, parts)
    },
    term: (t) => {
      if (t.kind !== 'literal' || typeof t.value === 'boolean') return mapTerm(t, parts)
      const key = `${prefix}p${literals.size}`
      values[key] = slotValue(t)
      literals.set(key, t)
      return { kind: 'param', type: t.type, key }
    },
    row: (row) => row,
  }
  return { predicate: parts.predicate(predicate), values, literals }
}

/**
 * A text that is equal for equal shapes only. Bindings of `exists` are named by position, so that `exists(m, …)` and `exists(n, …)` are one
 * shape.
 */
export function shapeKey(predicate: Predicate): string {
  const names = new Map<string, string>([['row', 'row']])
  const nameOf = (binding: string): string => {
    const known = names.get(binding)
    if (known !== undefined) return known
    const name = `b${names.size}`
    names.set(binding, name)
    return name
  }
  const parts: Parts = {
    predicate: (p) => mapPredicate('as' in p ? { ...p, as: nameOf(p.as) } : p, parts),
    term: (t) => mapTerm(renamed(t, nameOf), parts),
    row: (row) => ({ ...row, binding: nameOf(row.binding) }),
  }
  return JSON.stringify(parts.predicate(predicate))
}

function renamed(term: Term, nameOf: (binding: string) => string): Term {
  if (term.kind === 'item') return { ...term, binding: nameOf(term.binding) }
  return term.kind === 'count' ? { ...term, as: nameOf(term.as) } : term
}
