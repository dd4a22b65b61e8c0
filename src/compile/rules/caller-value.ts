/** Evaluates terms and conditions that depend only on the caller and constants, without the database. */

import { unreachable } from '../../base/unreachable.ts'
import { type Caller, type ClaimValue, claimOf } from '../../model/caller.ts'
import type { CompareOp, Term, Truth } from '../../model/expression.ts'
import type { LeafPredicate } from '../../model/predicate.ts'
import type { ScalarKind } from '../../model/scalar.ts'

type Plain = Exclude<ClaimValue, null>
/** A value, null when it is missing, undefined when it depends on a row, the clock, the input or PostgreSQL's own arithmetic. */
type Known = Plain | readonly Plain[] | null | undefined

/** The kinds whose values JavaScript compares as PostgreSQL does. */
const KINDS: { readonly [K in ScalarKind]?: 'string' | 'number' | 'boolean' } = {
  text: 'string',
  email: 'string',
  url: 'string',
  uuid: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
}

/** The truth of a condition that depends only on the caller; undefined for a condition that depends on more. */
export function callerTruth(p: LeafPredicate, caller: Caller): Truth | undefined {
  switch (p.kind) {
    case 'missing': {
      const of = valueFor(p.of, caller)
      return of === undefined ? undefined : of === null
    }
    case 'truth': {
      const of = valueFor(p.of, caller)
      return of === null || typeof of === 'boolean' ? of : undefined
    }
    case 'compare': {
      const [left, right] = [valueFor(p.left, caller), valueFor(p.right, caller)]
      if (left === null || right === null) return null
      return left === undefined || right === undefined || isList(left) || isList(right) ? undefined : compare(p.op, left, right)
    }
    case 'member':
      return memberTruth(valueFor(p.of, caller), valueFor(p.list, caller))
    case 'text': {
      const [of, other] = [valueFor(p.of, caller), valueFor(p.with, caller)]
      if (of === null || other === null) return null
      return typeof of === 'string' && typeof other === 'string' ? textTruth(p.op, of, other) : undefined
    }
    default:
      return unreachable(p)
  }
}

function isList(value: Plain | readonly Plain[]): value is readonly Plain[] {
  return typeof value === 'object'
}

function memberTruth(of: Known, list: Known): Truth | undefined {
  if (of === null || list === null) return null
  if (of === undefined || list === undefined || isList(of) || !isList(list)) return undefined
  return list.every((item) => typeof item === typeof of) ? list.includes(of) : undefined
}

function textTruth(op: 'startsWith' | 'endsWith' | 'contains' | 'matches', of: string, other: string): boolean | undefined {
  switch (op) {
    case 'startsWith':
      return of.startsWith(other)
    case 'endsWith':
      return of.endsWith(other)
    case 'contains':
      return of.includes(other)
    case 'matches':
      return undefined
    default:
      return unreachable(op)
  }
}

function compare(op: CompareOp, left: Plain, right: Plain): boolean | undefined {
  if (typeof left !== typeof right) return undefined
  switch (op) {
    case '=':
      return left === right
    case '!=':
      return left !== right
    default:
      return ordered(op, typeof left === 'string' && typeof right === 'string' ? codePointOrder(left, right) : Number(left) - Number(right))
  }
}

function ordered(op: '<' | '<=' | '>' | '>=', order: number): boolean {
  switch (op) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return unreachable(op)
  }
}

/** Negative when `a` comes first by code point. JavaScript's own order is by UTF-16 unit, which differs beyond the basic plane. */
function codePointOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** The value of a term. @see Known */
function valueFor(term: Term, caller: Caller): Known {
  switch (term.kind) {
    case 'null':
      return null
    case 'literal':
      return literalValue(term)
    case 'auth': {
      const value = claimOf(caller, term.claim)
      if (value === null) return null
      const kind: string = typeof value
      return kind === KINDS[term.type.scalar] ? canonical(value, term.type.scalar) : undefined
    }
    case 'call':
      return callValue(term, caller)
    case 'param':
    case 'field':
    case 'item':
    case 'input':
    case 'now':
    case 'if':
    case 'list':
    case 'count':
    case 'aggregate':
    case 'aggregateItems':
    case 'derived':
    case 'predicate':
      return undefined
    default:
      return unreachable(term)
  }
}

function literalValue(term: Extract<Term, { kind: 'literal' }>): Known {
  const { value, type } = term
  if (KINDS[type.scalar] === undefined) return undefined
  return typeof value === 'object' ? value.map((item) => canonical(item, type.scalar)) : canonical(value, type.scalar)
}

function canonical(value: Plain, scalar: ScalarKind): Plain {
  return scalar === 'uuid' && typeof value === 'string' ? value.toLowerCase() : value
}

function callValue(term: Extract<Term, { kind: 'call' }>, caller: Caller): Known {
  const args = term.args.map((arg) => valueFor(arg, caller))
  if (args.includes(null)) return null
  const [first, second] = args
  if (typeof first !== 'string') return undefined
  if (term.name === 'lowerAscii') return first.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  if (term.name === 'upperAscii') return first.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())
  if (term.name === 'size') return [...first].length
  return term.name === 'concat' && typeof second === 'string' ? first + second : undefined
}
