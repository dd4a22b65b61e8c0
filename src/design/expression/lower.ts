/** Translates the CEL library's syntax tree into Plinth's own: one switch over its node kinds. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { unreachable } from '../../base/unreachable.ts'
import { arithmeticValue, negateValue } from './arithmetic.ts'
import type { ExpressionContext, ExpressionValue, Operand } from './context.ts'
import { countClause, FAILED, fail, predicateValue } from './context.ts'
import { callValue } from './functions.ts'
import { memberValue, nameValue } from './names.ts'
import { compareValue, logicValue, memberOfList } from './operators.ts'
import { type BoundValues, withBound } from './scope.ts'
import { toPredicate } from './values.ts'

const NO_CONSTANTS: BoundValues = new Map()

/**
 * Translates a node. Problems are collected in the context; a node with problems is `failed`, and its parents report no further problem
 * about it.
 */
export function lower(node: ASTNode, context: ExpressionContext): ExpressionValue {
  if (context.state.stopped) return FAILED
  switch (node.op) {
    case 'value':
      return constantValue(context, node)
    case 'id':
      return nameValue(context, node, node.args)
    case '.':
      return memberValue(context, node, lower(node.args[0], context), node.args[1])
    case 'call':
      return callValue(context, { node, name: node.args[0], receiver: null, args: node.args[1] })
    case 'rcall':
      return callValue(context, { node, name: node.args[0], receiver: node.args[1], args: node.args[2] })
    case 'list':
      return { kind: 'list', items: node.args.map((each) => operand(context, each)) }
    case '?:':
      return chooseValue(context, node)
    case '&&':
    case '||':
    case '!_':
      return logicValue(context, node)
    case '-_':
      return negateValue(context, node, operand(context, node.args))
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compareValue(context, node, operand(context, node.args[0]), operand(context, node.args[1]))
    case 'in':
      return memberOfList(context, node, operand(context, node.args[0]), operand(context, node.args[1]))
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmeticValue(context, node, operand(context, node.args[0]), operand(context, node.args[1]))
    case 'map':
      return fail(context, node, 'PLN-D307', 'maps are not part of the language here', 'compare the fields one by one')
    case '[]':
    case '[?]':
      return fail(context, node, 'PLN-D307', 'items cannot be picked by position', 'write x in list or list.exists(x, …)')
    case '.?':
      return fail(
        context,
        node,
        'PLN-D307',
        '.? is not part of the language here',
        'write . alone: what is missing makes a comparison unknown',
      )
    default:
      return unreachable(node)
  }
}

function operand(context: ExpressionContext, node: ASTNode): Operand {
  return { node, value: lower(node, context) }
}

function constantValue(context: ExpressionContext, node: Extract<ASTNode, { op: 'value' }>): ExpressionValue {
  const value = node.args
  if (value === null) return { kind: 'null' }
  if (typeof value === 'object') return fail(context, node, 'PLN-D307', 'bytes and unsigned numbers are not part of the language here')
  // The library reads the number into a double; only the source has all digits.
  if (typeof value === 'number') return { kind: 'constant', value: { digits: node.input.slice(node.start, node.end) } }
  return { kind: 'constant', value: typeof value === 'string' ? withBound(value, context.scope.constants ?? NO_CONSTANTS) : value }
}

/** `test ? a : b`: a condition when both branches are conditions, a value otherwise. */
function chooseValue(context: ExpressionContext, node: Extract<ASTNode, { op: '?:' }>): ExpressionValue {
  const [testNode, thenNode, elseNode] = node.args
  const test = toPredicate(context, testNode, lower(testNode, context))
  const then = operand(context, thenNode)
  const other = operand(context, elseNode)
  if (test === null || then.value.kind === 'failed' || other.value.kind === 'failed') return FAILED
  countClause(context, node)
  if (isCondition(then.value) && isCondition(other.value)) {
    const a = toPredicate(context, thenNode, then.value)
    const b = toPredicate(context, elseNode, other.value)
    return a === null || b === null ? FAILED : predicateValue({ kind: 'choose', test, yes: a, no: b })
  }
  return { kind: 'choice', test, yes: then, no: other }
}

function isCondition(value: ExpressionValue): boolean {
  if (value.kind === 'predicate') return true
  if (value.kind === 'constant') return typeof value.value === 'boolean'
  return value.kind === 'term' && value.term.type.scalar === 'boolean' && !value.term.type.list
}
