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
}

/**
 * Takes the constants out of a predicate: they become parameters `p0`, `p1`, … in order of appearance. The rest is the shape. It keeps true
 * and false, because the planner estimates the number of rows from them, and patterns, because they have been checked. Keys start with
 * `prefix`, which keeps several filters of one statement apart.
 */
export function parameterise(predicate: Predicate, prefix = ''): Parameterised {
  const values: Record<string, Value> = {}
  let next = 0
  const parts: Parts = {
    predicate: (p) => {
      if (p.kind === 'text' && p.op === 'matches') return { ...p, of: parts.term(p.of) }
      return mapPredicate(p, parts)
    },
    term: (t) => {
      if (t.kind !== 'literal' || typeof t.value === 'boolean') return mapTerm(t, parts)
      const key = `${prefix}p${next++}`
      values[key] = typeof t.value === 'object' ? arrayLiteral(t.value) : t.value
      return { kind: 'param', type: t.type, key }
    },
    row: (row) => row,
  }
  return { predicate: parts.predicate(predicate), values }
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
