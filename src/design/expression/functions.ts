/** Compiles function calls: the functions, their arguments and their results. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { suggest } from '../../base/suggest.ts'
import type { FunctionName, TextOp, ValueType } from '../../model/expression.ts'
import { ALWAYS, scalarType } from '../../model/expression.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { aggregateValue, filterValue } from './aggregates.ts'
import { article, describe, isText, parseDuration, parseTimestamp } from './constants.ts'
import type { ExpressionCall, ExpressionContext, ExpressionValue, Operand } from './context.ts'
import { countClause, FAILED, fail, freshBinding, predicateValue, termValue } from './context.ts'
import { LONGEST_PATTERN, portablePattern } from './pattern/portable-pattern.ts'
import { canValue, OVER_EACH, quantifierValue } from './quantifiers.ts'
import { random, replace, slugify } from './text-functions.ts'
import { toTerm } from './values.ts'

type CallShape = 'function' | 'method'
type Rule = {
  readonly as: readonly CallShape[]
  readonly args: number
  readonly apply: (context: ExpressionContext, call: ExpressionCall, args: readonly Operand[]) => ExpressionValue
}

const text = scalarType('text')
const integer = scalarType('integer')

/** The functions on values. `exists`, `all` and `can` take names and rows and are in `quantifiers.ts`. */
const FUNCTIONS: Readonly<Record<string, Rule>> = {
  now: { as: ['function'], args: 0, apply: now },
  today: { as: ['function'], args: 0, apply: today },
  uuid: { as: ['function'], args: 0, apply: uuid },
  yearMonth: { as: ['function'], args: 1, apply: yearMonth },
  timestamp: { as: ['function'], args: 1, apply: timeConstant },
  duration: { as: ['function'], args: 1, apply: timeConstant },
  size: { as: ['function', 'method'], args: 1, apply: size },
  contains: { as: ['method'], args: 2, apply: textTest },
  startsWith: { as: ['method'], args: 2, apply: textTest },
  endsWith: { as: ['method'], args: 2, apply: textTest },
  matches: { as: ['method', 'function'], args: 2, apply: matches },
  lowerAscii: { as: ['method'], args: 1, apply: textChange },
  upperAscii: { as: ['method'], args: 1, apply: textChange },
  trim: { as: ['method'], args: 1, apply: textChange },
  slugify: { as: ['function'], args: 1, apply: slugify },
  replace: { as: ['function', 'method'], args: 3, apply: replace },
  random: { as: ['function'], args: 1, apply: random },
  int: { as: ['function'], args: 1, apply: convert },
  double: { as: ['function'], args: 1, apply: convert },
  string: { as: ['function'], args: 1, apply: convert },
  getFullYear: { as: ['method'], args: 1, apply: timePart },
  getMonth: { as: ['method'], args: 1, apply: timePart },
  getDayOfMonth: { as: ['method'], args: 1, apply: timePart },
  getDayOfWeek: { as: ['method'], args: 1, apply: timePart },
  getDayOfYear: { as: ['method'], args: 1, apply: timePart },
  getHours: { as: ['method'], args: 1, apply: timePart },
  getMinutes: { as: ['method'], args: 1, apply: timePart },
  getSeconds: { as: ['method'], args: 1, apply: timePart },
  getMilliseconds: { as: ['method'], args: 1, apply: timePart },
}

/** Functions that requests may not use. */
const DESIGN_ONLY: readonly string[] = ['matches', 'slugify', 'replace', 'random']

/** The names of all functions, for the reference page. */
export const FUNCTION_NAMES: readonly string[] = [...Object.keys(FUNCTIONS), ...OVER_EACH, 'can']

/** Functions of CEL that rules may not use, each with an alternative. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  has: 'write … != null',
  exists_one: 'write exists(…), or size(…) == 1',
  existsOne: 'write exists(…), or size(…) == 1',
  map: 'write exists(…) or all(…)',
  filter: 'write exists(…) or all(…)',
  split: 'keep a list in the design instead',
  join: 'compare the items instead',
  substring: 'write startsWith(…), endsWith(…) or contains(…)',
  indexOf: 'write contains(…)',
  lastIndexOf: 'write contains(…)',
  type: 'types are known from the design',
  dyn: 'types are known from the design',
  bool: 'compare with the texts instead',
  uint: 'write int(…)',
  bytes: 'compare the text itself',
  getDate: 'write getDayOfMonth(), which counts from 0',
}

/** The functions that take a name and an expression about each row. */
const OVER_ROWS: Readonly<Record<string, (context: ExpressionContext, call: ExpressionCall) => ExpressionValue>> = {
  exists: quantifierValue,
  all: quantifierValue,
  filter: filterValue,
  map: aggregateValue,
  sum: aggregateValue,
  avg: aggregateValue,
  min: aggregateValue,
  max: aggregateValue,
}

/** Resolves one call. */
export function callValue(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  const { node, name, receiver } = call
  const overEach = Object.hasOwn(OVER_ROWS, name) ? OVER_ROWS[name] : undefined
  if (overEach !== undefined && (context.limits.aggregates || name === 'exists' || name === 'all')) return overEach(context, call)
  if (name === 'can' && context.limits.can && receiver === null) return canValue(context, call)
  const rule = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  if (rule === undefined || (DESIGN_ONLY.includes(name) && !context.limits.matches)) return noFunction(context, node, name)
  const shape: CallShape = receiver === null ? 'function' : 'method'
  const nodes = receiver === null ? call.args : [receiver, ...call.args]
  if (!rule.as.includes(shape)) {
    return fail(
      context,
      node,
      'PLN-D304',
      `${name} is called the other way round`,
      shape === 'function' ? `write x.${name}(…)` : `write ${name}(x)`,
    )
  }
  if (nodes.length !== rule.args) return wrongCount(context, call, rule.args - (receiver === null ? 0 : 1))
  const args = nodes.map((each) => ({ node: each, value: context.lower(each, context) }))
  return args.some((arg) => arg.value.kind === 'failed') ? FAILED : rule.apply(context, call, args)
}

function noFunction(context: ExpressionContext, node: ASTNode, name: string): ExpressionValue {
  const instead = Object.hasOwn(LEFT_OUT, name) ? LEFT_OUT[name] : undefined
  if (instead !== undefined) return fail(context, node, 'PLN-D307', `${name}() is not part of the language here`, instead)
  const { can, matches: mayMatch, aggregates } = context.limits
  const known = [
    ...Object.keys(FUNCTIONS).filter((each) => !DESIGN_ONLY.includes(each) || mayMatch),
    ...OVER_EACH.filter((each) => aggregates || each === 'exists' || each === 'all'),
    ...(can ? ['can'] : []),
  ]
  const near = suggest(name, known)
  return fail(
    context,
    node,
    'PLN-D304',
    `unknown function ${JSON.stringify(name)}`,
    near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`,
  )
}

/** Reports a wrong number of arguments. */
function wrongCount(context: ExpressionContext, call: ExpressionCall, wanted: number): ExpressionValue {
  const zone = call.name.startsWith('get') ? 'times are in UTC' : undefined
  const count = wanted === 0 ? 'no arguments' : wanted === 1 ? '1 argument' : `${wanted} arguments`
  return fail(context, call.node, 'PLN-D304', `${call.name} takes ${count}`, zone)
}

function now(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  if (!context.scope.clock) return fail(context, call.node, 'PLN-D308', 'now() cannot be used here')
  return termValue({ kind: 'now', type: scalarType('timestamp') })
}

/** The date of `now()` in UTC. */
function today(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  if (!context.scope.clock) return fail(context, call.node, 'PLN-D308', 'today() cannot be used here')
  return termValue({ kind: 'call', type: scalarType('date'), name: 'date', args: [{ kind: 'now', type: scalarType('timestamp') }] })
}

/** The year and month as text, for months that are compared and grouped. */
function yearMonth(context: ExpressionContext, call: ExpressionCall, [of]: readonly Operand[]): ExpressionValue {
  const term = of === undefined ? null : toTerm(context, of.node, of.value, null)
  if (term === null) return FAILED
  if (term.type.list || (term.type.scalar !== 'date' && term.type.scalar !== 'timestamp'))
    return wrongType(context, call, term.type, 'a date or a timestamp')
  return termValue({ kind: 'call', type: text, name: 'yearMonth', args: [term] })
}

function uuid(context: ExpressionContext, call: ExpressionCall): ExpressionValue {
  if (context.scope.fresh !== true)
    return fail(
      context,
      call.node,
      'PLN-D308',
      'uuid() has a new value at each use; only a default, set and the values of a step can use it',
    )
  return termValue({ kind: 'call', type: scalarType('uuid'), name: 'uuid', args: [] })
}

function timeConstant(context: ExpressionContext, call: ExpressionCall, [arg]: readonly Operand[]): ExpressionValue {
  const kind = call.name === 'timestamp' ? 'timestamp' : 'duration'
  const example = kind === 'timestamp' ? '2024-01-31T09:30:00Z' : '1h30m'
  const units = kind === 'timestamp' ? '' : ', in h, m, s, ms or us; a day is 24h'
  if (arg?.value.kind !== 'constant' || typeof arg.value.value !== 'string') {
    return fail(context, call.node, 'PLN-D304', `${kind} takes a constant text`, `write ${kind}("${example}")`)
  }
  const value = kind === 'timestamp' ? parseTimestamp(arg.value.value) : parseDuration(arg.value.value)
  if (value === null)
    return fail(
      context,
      arg.node,
      'PLN-D306',
      `${JSON.stringify(arg.value.value)} is not a ${kind}`,
      `write it like ${kind}("${example}")${units}`,
    )
  return termValue({ kind: 'literal', type: scalarType(kind), value })
}

function size(context: ExpressionContext, call: ExpressionCall, [arg]: readonly Operand[]): ExpressionValue {
  if (arg === undefined) return FAILED
  if (arg.value.kind === 'rows') {
    const { as, where } = arg.value.where ?? { as: freshBinding(context, 'each'), where: ALWAYS }
    return termValue({ kind: 'count', type: integer, over: arg.value.set, as, where })
  }
  const term = toTerm(context, arg.node, arg.value, null)
  if (term === null) return FAILED
  if (!term.type.list && !isText(term.type.scalar)) return wrongType(context, call, term.type, 'a text, a list or a relation')
  return termValue({ kind: 'call', type: integer, name: 'size', args: [term] })
}

function textTest(context: ExpressionContext, call: ExpressionCall, [of, other]: readonly Operand[]): ExpressionValue {
  if (of === undefined || other === undefined) return FAILED
  countClause(context, call.node)
  const left = toTerm(context, of.node, of.value, null)
  const right = toTerm(context, other.node, other.value, null)
  if (left === null || right === null) return FAILED
  if (left.type.list) return fail(context, call.node, 'PLN-D303', `${call.name} works on a text, and this is a list`, 'write x in list')
  for (const term of [left, right]) if (!isText(term.type.scalar) || term.type.list) return wrongType(context, call, term.type, 'a text')
  return predicateValue({ kind: 'text', op: call.name as TextOp, of: left, with: right })
}

function matches(context: ExpressionContext, call: ExpressionCall, [of, pattern]: readonly Operand[]): ExpressionValue {
  if (of === undefined || pattern === undefined) return FAILED
  countClause(context, call.node)
  const left = toTerm(context, of.node, of.value, null)
  if (left === null) return FAILED
  if (!isText(left.type.scalar) || left.type.list) return wrongType(context, call, left.type, 'a text')
  if (pattern.value.kind !== 'constant' || typeof pattern.value.value !== 'string') {
    return fail(context, pattern.node, 'PLN-D311', 'the pattern of matches must be a constant text')
  }
  const checked = portablePattern(pattern.value.value)
  if (!checked.ok)
    return fail(
      context,
      pattern.node,
      'PLN-D311',
      `the pattern is refused: ${checked.why}`,
      `at most ${LONGEST_PATTERN} characters, without backreferences or lookaround`,
    )
  return predicateValue({ kind: 'text', op: 'matches', of: left, with: { kind: 'literal', type: text, value: checked.pattern } })
}

function textChange(context: ExpressionContext, call: ExpressionCall, [of]: readonly Operand[]): ExpressionValue {
  const term = of === undefined ? null : toTerm(context, of.node, of.value, null)
  if (term === null) return FAILED
  if (!isText(term.type.scalar) || term.type.list) return wrongType(context, call, term.type, 'a text')
  return termValue({ kind: 'call', type: text, name: call.name as FunctionName, args: [term] })
}

const CONVERSIONS: Readonly<Record<string, { readonly from: readonly ScalarKind[]; readonly to: ScalarKind; readonly words: string }>> = {
  int: { from: ['integer', 'number', 'decimal'], to: 'integer', words: 'a number' },
  double: { from: ['integer', 'number', 'decimal'], to: 'number', words: 'a number' },
  string: { from: ['text', 'email', 'url', 'uuid', 'integer', 'boolean'], to: 'text', words: 'a text, uuid, whole number or boolean' },
}

function convert(context: ExpressionContext, call: ExpressionCall, [of]: readonly Operand[]): ExpressionValue {
  const rule = CONVERSIONS[call.name]
  const term = of === undefined ? null : toTerm(context, of.node, of.value, null)
  if (term === null || rule === undefined) return FAILED
  if (term.type.list || !rule.from.includes(term.type.scalar)) return wrongType(context, call, term.type, rule.words)
  return termValue({ kind: 'call', type: scalarType(rule.to), name: call.name as FunctionName, args: [term] })
}

const OF_DURATION = ['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds']

function timePart(context: ExpressionContext, call: ExpressionCall, [of]: readonly Operand[]): ExpressionValue {
  const term = of === undefined ? null : toTerm(context, of.node, of.value, null)
  if (term === null) return FAILED
  const fits = !term.type.list && (term.type.scalar === 'timestamp' || (term.type.scalar === 'duration' && OF_DURATION.includes(call.name)))
  if (!fits) return wrongType(context, call, term.type, OF_DURATION.includes(call.name) ? 'a timestamp or duration' : 'a timestamp')
  return termValue({ kind: 'call', type: integer, name: call.name as FunctionName, args: [term] })
}

function wrongType(context: ExpressionContext, call: ExpressionCall, type: ValueType, wanted: string): ExpressionValue {
  return fail(context, call.node, 'PLN-D303', `${call.name} takes ${wanted}, and this is ${article(describe(type))}`)
}
