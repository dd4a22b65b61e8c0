/** Compiles `+ - * / %` and unary minus: the type of the result, and a proof that it cannot overflow for any row. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { unreachable } from '../../base/unreachable.ts'
import type { ArithmeticName, Term, ValueType } from '../../model/expression.ts'
import { isArithmetic, scalarType } from '../../model/expression.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { DURATION_YEARS, NUMBER_EXPONENT } from '../../model/terms/arithmetic.ts'
import type { Target } from './constants.ts'
import { article, describe, isNumber, isText } from './constants.ts'
import type { ExpressionContext, ExpressionValue, Operand, RealConstant } from './context.ts'
import { FAILED, fail, termValue } from './context.ts'
import { constantTarget, toTerm } from './values.ts'

const NAMES: Readonly<Record<string, ArithmeticName>> = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide', '%': 'modulo' }

/** One arithmetic operation, or a concatenation of texts with `+`. */
export function arithmeticValue(context: ExpressionContext, node: ASTNode, left: Operand, right: Operand): ExpressionValue {
  const name = NAMES[node.op]
  if (name === undefined || left.value.kind === 'failed' || right.value.kind === 'failed') return FAILED
  const a = toTerm(context, left.node, left.value, operandTarget(left.value, right.value))
  const b = toTerm(context, right.node, right.value, operandTarget(right.value, left.value))
  if (a === null || b === null) return FAILED
  const type = resultType(name, a.type, b.type)
  if (type === null)
    return fail(
      context,
      node,
      'PLN-D303',
      `${node.op} between ${article(describe(a.type))} and ${article(describe(b.type))}`,
      hintFor(a.type, b.type),
    )
  if (type.scalar === 'text') return termValue({ kind: 'call', type, name: 'concat', args: [...joined(a), ...joined(b)] })
  return inReach(context, node, { kind: 'call', type, name, args: [a, b] })
}

/** The parts of a concatenation; any other term is one part. */
function joined(term: Term): readonly Term[] {
  return term.kind === 'call' && term.name === 'concat' ? term.args : [term]
}

/** Unary minus; a constant becomes a negative constant. */
export function negateValue(context: ExpressionContext, node: ASTNode, operand: Operand): ExpressionValue {
  const { value } = operand
  if (value.kind === 'constant' && typeof value.value === 'bigint') return { kind: 'constant', value: -value.value }
  if (value.kind === 'constant' && typeof value.value === 'object') return { kind: 'constant', value: negative(value.value) }
  const term = toTerm(context, operand.node, value, null)
  if (term === null) return FAILED
  if (term.type.list || !isNumber(term.type.scalar)) return fail(context, node, 'PLN-D303', `minus before ${article(describe(term.type))}`)
  return termValue({ kind: 'call', type: term.type, name: 'negate', args: [term] })
}

function negative({ digits }: RealConstant): RealConstant {
  return { digits: digits.startsWith('-') ? digits.slice(1) : `-${digits}` }
}

/**
 * The type that a constant in a calculation takes: the type of the other operand, if that is a number. Beside an integer `2.0` stays a
 * double, as `7 / 2.0` is 3.5. A constant beside any other type keeps its own type, and the message names both types.
 */
function operandTarget(value: ExpressionValue, beside: ExpressionValue): Target | null {
  const target = constantTarget(beside)
  if (target === null || !isNumber(target.type.scalar)) return null
  return target.type.scalar === 'integer' && value.kind === 'constant' && typeof value.value === 'object' ? null : target
}

function resultType(name: ArithmeticName, a: ValueType, b: ValueType): ValueType | null {
  if (a.list || b.list) return null
  const pair = `${a.scalar} ${b.scalar}`
  if (isNumber(a.scalar) && isNumber(b.scalar))
    return name === 'modulo' && pair !== 'integer integer' ? null : scalarType(wider(a.scalar, b.scalar))
  if (name === 'add') {
    if (isText(a.scalar) && isText(b.scalar)) return scalarType('text')
    if (pair === 'timestamp duration' || pair === 'duration timestamp') return scalarType('timestamp')
    if (pair === 'duration duration') return scalarType('duration')
  }
  if (name === 'subtract') {
    if (pair === 'timestamp timestamp' || pair === 'duration duration') return scalarType('duration')
    if (pair === 'timestamp duration') return scalarType('timestamp')
  }
  return null
}

function wider(a: ScalarKind, b: ScalarKind): ScalarKind {
  if (a === 'number' || b === 'number') return 'number'
  return a === 'decimal' || b === 'decimal' ? 'decimal' : 'integer'
}

function hintFor(a: ValueType, b: ValueType): string | undefined {
  if (a.scalar === 'date' || b.scalar === 'date') return 'dates are only compared; where a time is calculated, make the field a timestamp'
  if (a.scalar === 'timestamp' || b.scalar === 'timestamp') return 'write duration("1h") or another timestamp'
  if (isText(a.scalar) || isText(b.scalar)) return 'write string(…) to make a text'
  return undefined
}

/** The range of a number other than zero, in powers of ten. For times: the distance from the years 1 to 9999, in years. */
interface Reach {
  readonly low: number
  readonly high: number
}

const LEAF: { readonly [K in ScalarKind]?: Reach } = {
  integer: { low: 0, high: 19 },
  // As many digits as a design allows in a decimal column; PostgreSQL's numeric allows 131,072.
  decimal: { low: -40, high: 40 },
  number: { low: -NUMBER_EXPONENT, high: NUMBER_EXPONENT },
  timestamp: { low: 0, high: 0 },
  duration: { low: -DURATION_YEARS, high: DURATION_YEARS },
}

/** The bounds of results: powers of ten of a double, with a margin, and years, because PostgreSQL's timestamps begin in 4713 BC. */
const MOST_DIGITS = 300
const MOST_YEARS = 4_000

function inReach(context: ExpressionContext, node: ASTNode, term: Term): ExpressionValue {
  const { scalar } = term.type
  const { low, high } = reach(term)
  const most = scalar === 'timestamp' || scalar === 'duration' ? MOST_YEARS : MOST_DIGITS
  if (high <= most && low >= -most) return termValue(term)
  // The difference of two timestamps is safe to compare, but not to add to a third.
  if (scalar === 'duration' && term.kind === 'call' && term.args.every((arg) => arg.type.scalar === 'timestamp')) return termValue(term)
  return fail(context, node, 'PLN-D309', `this calculation can leave the range of ${article(scalar)}`, 'use fewer factors')
}

function reach(term: Term): Reach {
  const leaf = LEAF[term.type.scalar] ?? { low: 0, high: 20 }
  if (term.kind === 'literal') return literalReach(term, leaf)
  if (term.kind === 'if') return widest(reach(term.yes), reach(term.no))
  if (term.kind !== 'call') return leaf
  const [a, b] = term.args
  if (a === undefined) return leaf
  const x = reach(a)
  if (term.name === 'negate') return term.type.scalar === 'duration' ? { low: -x.high, high: -x.low } : x
  if (term.name === 'double' || term.name === 'int') return { low: Math.max(x.low, term.name === 'int' ? 0 : -MOST_DIGITS), high: x.high }
  if (b === undefined) return leaf
  const y = reach(b)
  if (term.type.scalar === 'timestamp' || term.type.scalar === 'duration') return timeReach(term, x, y)
  return isArithmetic(term.name) ? numberReach({ name: term.name, scalar: term.type.scalar }, x, y) : widest(x, y)
}

function timeReach(term: Extract<Term, { kind: 'call' }>, x: Reach, y: Reach): Reach {
  if (term.args.every((arg) => arg.type.scalar === 'timestamp')) return { low: -10_000 + x.low - y.high, high: 10_000 + x.high - y.low }
  return term.name === 'add' ? { low: x.low + y.low, high: x.high + y.high } : { low: x.low - y.high, high: x.high - y.low }
}

function numberReach({ name, scalar }: { readonly name: ArithmeticName; readonly scalar: ScalarKind }, x: Reach, y: Reach): Reach {
  switch (name) {
    case 'add':
    case 'subtract':
      // The difference of two nearly equal doubles keeps only their last digits.
      return { low: Math.min(x.low, y.low) - (scalar === 'number' ? 17 : 0), high: Math.max(x.high, y.high) + 1 }
    case 'multiply':
      return { low: x.low + y.low, high: x.high + y.high }
    case 'divide':
      return scalar === 'integer' ? { low: 0, high: x.high } : { low: x.low - y.high - 1, high: x.high - y.low + 1 }
    case 'modulo':
      return widest(x, y)
    default:
      return unreachable(name)
  }
}

function widest(x: Reach, y: Reach): Reach {
  return { low: Math.min(x.low, y.low), high: Math.max(x.high, y.high) }
}

function literalReach(term: Extract<Term, { kind: 'literal' }>, leaf: Reach): Reach {
  if (!isNumber(term.type.scalar)) return leaf
  const size = Math.abs(Number(term.value))
  if (size === 0) return { low: 0, high: 0 }
  return { low: Math.floor(Math.log10(size)), high: Math.ceil(Math.log10(size)) }
}
