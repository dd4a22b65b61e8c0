/** Traversal of expressions: the only place that lists the parts of each kind of node. */

import { unreachable } from '../base/unreachable.ts'
import type { Predicate, RowPath, Term } from './expression.ts'

/** The replacement of each part of a node. */
export interface Parts {
  readonly predicate: (p: Predicate) => Predicate
  readonly term: (t: Term) => Term
  readonly row: (row: RowPath) => RowPath
}

/** The same predicate with each of its parts replaced; a node without changed parts is returned itself. */
export function mapPredicate(p: Predicate, parts: Parts): Predicate {
  switch (p.kind) {
    case 'const':
      return p
    case 'compare':
      return keep(p, { left: parts.term(p.left), right: parts.term(p.right) })
    case 'missing':
    case 'truth':
      return keep(p, { of: parts.term(p.of) })
    case 'member':
      return keep(p, { of: parts.term(p.of), list: parts.term(p.list) })
    case 'text':
      return keep(p, { of: parts.term(p.of), with: parts.term(p.with) })
    case 'all':
    case 'any':
      return keep(p, { of: each(p.of, parts.predicate) })
    case 'not':
    case 'holds':
      return keep(p, { of: parts.predicate(p.of) })
    case 'choose':
      return keep(p, { test: parts.predicate(p.test), yes: parts.predicate(p.yes), no: parts.predicate(p.no) })
    case 'some':
    case 'every':
      return keep(p, { over: keep(p.over, { of: parts.row(p.over.of) }), where: parts.predicate(p.where) })
    case 'someItem':
    case 'everyItem':
      return keep(p, { over: parts.term(p.over), where: parts.predicate(p.where) })
    case 'can':
      return keep(p, { row: parts.row(p.row) })
    default:
      return unreachable(p)
  }
}

/** The same term with each of its parts replaced; a node without changed parts is returned itself. */
export function mapTerm(t: Term, parts: Parts): Term {
  switch (t.kind) {
    case 'literal':
    case 'null':
    case 'param':
    case 'item':
    case 'auth':
    case 'input':
    case 'now':
      return t
    case 'field':
      return keep(t, { row: parts.row(t.row) })
    case 'if':
      return keep(t, { test: parts.predicate(t.test), yes: parts.term(t.yes), no: parts.term(t.no) })
    case 'list':
      return keep(t, { of: each(t.of, parts.term) })
    case 'call':
      return keep(t, { args: each(t.args, parts.term) })
    case 'count':
      return keep(t, { over: keep(t.over, { of: parts.row(t.over.of) }), where: parts.predicate(t.where) })
    case 'aggregate':
      return keep(t, { over: keep(t.over, { of: parts.row(t.over.of) }), where: parts.predicate(t.where), of: parts.term(t.of) })
    case 'aggregateItems':
      return keep(t, { over: parts.term(t.over), where: parts.predicate(t.where), of: parts.term(t.of) })
    case 'derived':
      return keep(t, { row: parts.row(t.row), of: parts.term(t.of) })
    case 'predicate':
      return keep(t, { of: parts.predicate(t.of) })
    default:
      return unreachable(t)
  }
}

function keep<T extends object>(node: T, changed: Partial<T>): T {
  for (const key in changed) if (changed[key] !== node[key]) return { ...node, ...changed }
  return node
}

function each<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  const changed = items.map(change)
  return changed.every((item, i) => item === items[i]) ? items : changed
}

/** Functions that are called for each node, for parents before their parts. */
export interface Visitor {
  readonly predicate?: (p: Predicate) => void
  readonly term?: (t: Term) => void
}

/** Visits a predicate and everything in it. */
export function visitPredicate(p: Predicate, visitor: Visitor): void {
  visitor.predicate?.(p)
  mapPredicate(p, partsOf(visitor))
}

/** Visits a term and everything in it. */
export function visitTerm(t: Term, visitor: Visitor): void {
  visitor.term?.(t)
  mapTerm(t, partsOf(visitor))
}

/** Splits a predicate into predicates that are all true exactly where it is true: the parts of `all`, and of each `all` within. */
export function conjuncts(p: Predicate): readonly Predicate[] {
  return p.kind === 'all' ? p.of.flatMap(conjuncts) : [p]
}

function partsOf(visitor: Visitor): Parts {
  return {
    predicate: (p) => {
      visitPredicate(p, visitor)
      return p
    },
    term: (t) => {
      visitTerm(t, visitor)
      return t
    },
    row: (row) => row,
  }
}
