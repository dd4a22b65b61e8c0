/** Finds integer constants of an expression that are out of range. A column stores only integers that JSON can represent exactly. */

import { unreachable } from '../../base/unreachable.ts'
import { type ArithmeticName, isArithmetic, type Term } from '../../model/expression.ts'
import { MAX_INTEGER } from '../../model/scalar.ts'

/** The first integer out of range that is the constant value of the term or of one of its branches; null when there is none. */
export function wholeOutOfRange(term: Term): bigint | null {
  if (term.kind === 'if') return wholeOutOfRange(term.yes) ?? wholeOutOfRange(term.no)
  const value = term.type.scalar === 'integer' && !term.type.list ? wholeOf(term) : null
  return value === null || (value <= BigInt(MAX_INTEGER) && value >= -BigInt(MAX_INTEGER)) ? null : value
}

/** The value of a calculation with constants only; null when it depends on a row, the caller or the clock, and when it is missing. */
function wholeOf(term: Term): bigint | null {
  if (term.kind === 'literal') return typeof term.value === 'number' && Number.isFinite(term.value) ? BigInt(Math.trunc(term.value)) : null
  if (term.kind !== 'call') return null
  const [a, b] = term.args.map((arg) => (term.name === 'int' || arg.type.scalar === 'integer' ? wholeOf(arg) : null))
  if (a === null || a === undefined) return null
  if (term.name === 'int') return a
  if (term.name === 'negate') return -a
  return b === null || b === undefined || !isArithmetic(term.name) ? null : calculated(term.name, a, b)
}

function calculated(name: ArithmeticName, a: bigint, b: bigint): bigint | null {
  switch (name) {
    case 'add':
      return a + b
    case 'subtract':
      return a - b
    case 'multiply':
      return a * b
    case 'divide':
      return b === 0n ? null : a / b
    case 'modulo':
      return b === 0n ? null : a % b
    default:
      return unreachable(name)
  }
}
