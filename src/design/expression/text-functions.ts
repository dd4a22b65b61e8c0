/** Compiles the functions that make texts: `slugify`, `replace` and `random`. Only expressions of a design may use them. */

import { type FunctionName, scalarType, type Term } from '../../model/expression.ts'
import { article, describe, isText } from './constants.ts'
import type { ExpressionCall, ExpressionContext, ExpressionValue, Operand } from './context.ts'
import { FAILED, fail, termValue } from './context.ts'
import { toTerm } from './values.ts'

/** The maximum number of characters that `random` gives: 24 have 120 bits. */
const MOST_RANDOM = 24
/** The maximum factor by which `replace` may lengthen a text. The factors of nested calls are multiplied. */
const MOST_GROWTH = 20

/** `slugify(x)`: the letters and digits of a text, for addresses. */
export function slugify(context: ExpressionContext, call: ExpressionCall, [of]: readonly Operand[]): ExpressionValue {
  const term = textOf(context, call, of)
  return term === null ? FAILED : called('slugify', [term])
}

/** `replace(x, "a", "b")`: a text with `b` in place of each `a`. The constants bound the length of the result. */
export function replace(context: ExpressionContext, call: ExpressionCall, [of, from, to]: readonly Operand[]): ExpressionValue {
  const term = textOf(context, call, of)
  const [found, written] = [constantOf(from), constantOf(to)]
  if (term === null) return FAILED
  if (found === null || found === '' || written === null)
    return fail(
      context,
      call.node,
      'PLN-D304',
      'replace takes a text and two constant texts, the first not empty',
      'write replace(x, "a", "b")',
    )
  const replaced: Term = { kind: 'call', type: scalarType('text'), name: 'replace', args: [term, literal(found), literal(written)] }
  if (growthOf(replaced) > MOST_GROWTH)
    return fail(context, call.node, 'PLN-D309', `replace may make the text more than ${MOST_GROWTH} times longer`)
  return termValue(replaced)
}

/** `random(n)`: letters and digits, new at each use. */
export function random(context: ExpressionContext, call: ExpressionCall, [count]: readonly Operand[]): ExpressionValue {
  if (context.scope.fresh !== true)
    return fail(
      context,
      call.node,
      'PLN-D308',
      'random() has a new value at each use; only a default, set and the values of a step can use it',
    )
  const value = count?.value.kind === 'constant' ? Number(count.value.value) : Number.NaN
  if (!Number.isInteger(value) || value < 1 || value > MOST_RANDOM)
    return fail(context, call.node, 'PLN-D304', `random takes a constant from 1 to ${MOST_RANDOM}`, 'write random(6)')
  return called('random', [{ kind: 'literal', type: scalarType('integer'), value }])
}

function called(name: FunctionName, args: readonly Term[]): ExpressionValue {
  return termValue({ kind: 'call', type: scalarType('text'), name, args })
}

function literal(value: string): Term {
  return { kind: 'literal', type: scalarType('text'), value }
}

function constantOf(operand: Operand | undefined): string | null {
  return operand?.value.kind === 'constant' && typeof operand.value.value === 'string' ? operand.value.value : null
}

function textOf(context: ExpressionContext, call: ExpressionCall, of: Operand | undefined): Term | null {
  const term = of === undefined ? null : toTerm(context, of.node, of.value, null)
  if (term === null || (isText(term.type.scalar) && !term.type.list)) return term
  fail(context, call.node, 'PLN-D303', `${call.name} takes a text, and this is ${article(describe(term.type))}`)
  return null
}

/** The factor by which the calls of `replace` in a value may lengthen a text. */
function growthOf(term: Term): number {
  if (term.kind === 'if') return Math.max(growthOf(term.yes), growthOf(term.no))
  if (term.kind !== 'call') return 1
  const inner = Math.max(1, ...term.args.map(growthOf))
  const [, from, to] = term.args
  if (term.name !== 'replace' || from?.kind !== 'literal' || to?.kind !== 'literal') return inner
  return inner * Math.max(1, String(to.value).length / String(from.value).length)
}
