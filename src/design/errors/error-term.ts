/** Compiles the expressions of `errors.answer`. They are CEL over one failure, and the process evaluates them. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { ERROR_NAMES, type ErrorTerm, type ErrorType, PROBLEM_MEMBERS } from '../../model/errors/error-format.ts'
import { DESIGN_LIMITS } from '../expression/limits.ts'
import { parseSource } from '../expression/source.ts'
import { didYouMean, quote, type ReportPlace } from '../findings/report.ts'

/** An expression about a failure, with the names in `each` that it may use. */
export interface ErrorPlace extends ReportPlace {
  readonly names: ReadonlyMap<string, ErrorType>
}

/** Compiles an expression; null with a finding. */
export function errorTerm(source: string, place: ErrorPlace): ErrorTerm | null {
  const parsed = parseSource(source, DESIGN_LIMITS)
  if (parsed.ok) return termOf(parsed.value, place)
  for (const { code, message, hint } of parsed.problems) place.report.add(code, place.at, message, hint)
  return null
}

function termOf(node: ASTNode, place: ErrorPlace): ErrorTerm | null {
  switch (node.op) {
    case 'value':
      return constantOf(node.args, place)
    case 'id':
      return nameOf(node.args, place)
    case '.':
      return memberOf(node.args[0], node.args[1], place)
    case '[]':
      return itemOf(node.args[0], node.args[1], place)
    case 'call':
      return callOf(node.args[0], node.args[1], place)
    case '+':
      return concatenationOf(node.args[0], node.args[1], place)
    case '==':
    case '!=':
      return equalOf(node, place)
    case '||':
    case '&&':
      return bothOf(node, place)
    case '!_':
      return notOf(node.args, place)
    case 'in':
      return amongOf(node.args, place)
    case '?:':
      return choiceOf(node.args, place)
    default:
      return refused(place, `errors.answer cannot use ${quote(node.op)}`, KNOWN_FORMS)
  }
}

const KNOWN_FORMS = 'use names, constants, p.name, messages[0], +, ==, !=, ||, &&, !, in ["a", "b"], ? :, size() and string()'

function refused(place: ErrorPlace, message: string, hint?: string): null {
  place.report.add('PLN-D598', place.at, message, hint)
  return null
}

function constantOf(value: unknown, place: ErrorPlace): ErrorTerm | null {
  if (value === null) return { kind: 'constant', type: 'null', value }
  if (typeof value === 'string') return { kind: 'constant', type: 'text', value }
  if (typeof value === 'boolean') return { kind: 'constant', type: 'boolean', value }
  if (typeof value === 'bigint') return { kind: 'constant', type: 'integer', value: Number(value) }
  return refused(place, 'a number in errors.answer must be whole')
}

function nameOf(name: string, place: ErrorPlace): ErrorTerm | null {
  const known = new Map<string, ErrorType>([...Object.entries(ERROR_NAMES), ...place.names])
  const type = known.get(name)
  return type === undefined ? unknownName(name, { of: 'a failure', known: [...known.keys()] }, place) : { kind: 'name', type, name }
}

function unknownName(
  name: string,
  { of, known }: { readonly of: 'a failure' | 'a problem'; readonly known: readonly string[] },
  place: ErrorPlace,
): null {
  const near = didYouMean(name, known)
  return refused(place, `${of} has no ${quote(name)}${near}`, near === '' ? `use one of ${known.join(', ')}` : undefined)
}

function memberOf(node: ASTNode, name: string, place: ErrorPlace): ErrorTerm | null {
  const of = termOf(node, place)
  if (of === null) return null
  if (of.type !== 'problem') return refused(place, `.${name} needs a problem, and this is ${TYPE_WORDS[of.type]}`, EACH_PROBLEM)
  const type = Object.hasOwn(PROBLEM_MEMBERS, name) ? PROBLEM_MEMBERS[name as keyof typeof PROBLEM_MEMBERS] : undefined
  if (type !== undefined) return { kind: 'member', type, of, name }
  return unknownName(name, { of: 'a problem', known: Object.keys(PROBLEM_MEMBERS) }, place)
}

const EACH_PROBLEM = 'use problems[0].name, or { each: p in problems, is: p.name }'

const TYPE_WORDS = {
  text: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  texts: 'a list of texts',
  problem: 'a problem',
  problems: 'a list of problems',
} as const satisfies Readonly<Record<ErrorType, string>>

function itemOf(list: ASTNode, index: ASTNode, place: ErrorPlace): ErrorTerm | null {
  const of = termOf(list, place)
  if (of === null) return null
  const type = itemType(of.type)
  if (type === null) return refused(place, `an item of a list is needed, and this is ${TYPE_WORDS[of.type]}`)
  const at = index.op === 'value' && typeof index.args === 'bigint' ? Number(index.args) : -1
  return at < 0
    ? refused(place, 'an index of a list is a whole number from 0', 'write it like messages[0]')
    : { kind: 'item', type, of, at }
}

/** The type of the items of a list; null for a type that is no list. */
export function itemType(type: ErrorType): 'problem' | 'text' | null {
  if (type === 'problems') return 'problem'
  return type === 'texts' ? 'text' : null
}

function callOf(name: string, args: readonly ASTNode[], place: ErrorPlace): ErrorTerm | null {
  const [first] = args
  if (first === undefined || args.length !== 1 || (name !== 'size' && name !== 'string'))
    return refused(
      place,
      `errors.answer has no function ${quote(name)} with ${args.length} ${args.length === 1 ? 'argument' : 'arguments'}`,
      KNOWN_FORMS,
    )
  const of = termOf(first, place)
  if (of === null) return null
  if (name === 'size') return itemType(of.type) === null ? refused(place, 'size() takes a list') : { kind: 'size', type: 'integer', of }
  return itemType(of.type) === null && of.type !== 'problem'
    ? { kind: 'string', type: 'text', of }
    : refused(place, `string() takes a value, and this is ${TYPE_WORDS[of.type]}`)
}

function concatenationOf(a: ASTNode, b: ASTNode, place: ErrorPlace): ErrorTerm | null {
  const [left, right] = [termOf(a, place), termOf(b, place)]
  if (left === null || right === null) return null
  const wrong = [left, right].find(({ type }) => type !== 'text')
  if (wrong !== undefined) return refused(place, `+ joins two texts, and this is ${TYPE_WORDS[wrong.type]}`, 'use string(status)')
  return { kind: 'concatenation', type: 'text', left, right }
}

function equalOf({ op, args }: Extract<ASTNode, { op: '==' | '!=' }>, place: ErrorPlace): ErrorTerm | null {
  return comparedOf(args, place, op === '!=')
}

function comparedOf(args: readonly [ASTNode, ASTNode], place: ErrorPlace, negated: boolean): ErrorTerm | null {
  const [left, right] = [termOf(args[0], place), termOf(args[1], place)]
  if (left === null || right === null) return null
  const comparable = left.type === right.type && itemType(left.type) === null && left.type !== 'problem'
  if (!comparable && left.type !== 'null' && right.type !== 'null')
    return refused(place, `${TYPE_WORDS[left.type]} cannot be compared with ${TYPE_WORDS[right.type]}`)
  return { kind: 'equal', type: 'boolean', left, right, negated }
}

const TRUE: ErrorTerm = { kind: 'constant', type: 'boolean', value: true }
const FALSE: ErrorTerm = { kind: 'constant', type: 'boolean', value: false }

/** `a || b` is `a ? true : b`, and `a && b` is `a ? b : false`. */
function bothOf({ op, args }: Extract<ASTNode, { op: '||' | '&&' }>, place: ErrorPlace): ErrorTerm | null {
  const [left, right] = [conditionOf(args[0], op, place), conditionOf(args[1], op, place)]
  return left === null || right === null ? null : either(left, right, op === '||')
}

function either(when: ErrorTerm, other: ErrorTerm, isOr: boolean): ErrorTerm {
  return { kind: 'choice', type: 'boolean', when, yes: isOr ? TRUE : other, no: isOr ? other : FALSE }
}

function notOf(node: ASTNode, place: ErrorPlace): ErrorTerm | null {
  const of = conditionOf(node, '!', place)
  return of === null ? null : { kind: 'equal', type: 'boolean', left: of, right: TRUE, negated: true }
}

function conditionOf(node: ASTNode, operator: string, place: ErrorPlace): ErrorTerm | null {
  const of = termOf(node, place)
  if (of === null || of.type === 'boolean') return of
  return refused(place, `${operator} takes conditions, and this is ${TYPE_WORDS[of.type]}`)
}

/** `code in ["a", "b"]` is `code == "a" || code == "b"`. */
function amongOf([value, list]: readonly [ASTNode, ASTNode], place: ErrorPlace): ErrorTerm | null {
  if (list.op !== 'list') return refused(place, 'in takes a list of constants', 'use code in ["not_found", "forbidden"]')
  const tests = list.args.map((item) => comparedOf([value, item], place, false))
  if (tests.includes(null)) return null
  return tests.filter((test) => test !== null).reduceRight((others, test) => either(test, others, true), FALSE)
}

function choiceOf(nodes: readonly [ASTNode, ASTNode, ASTNode], place: ErrorPlace): ErrorTerm | null {
  const [when, yes, no] = [termOf(nodes[0], place), termOf(nodes[1], place), termOf(nodes[2], place)]
  if (when === null || yes === null || no === null) return null
  if (when.type !== 'boolean') return refused(place, `a condition is needed before ?, and this is ${TYPE_WORDS[when.type]}`)
  if (yes.type !== no.type && yes.type !== 'null' && no.type !== 'null')
    return refused(place, `both sides of : have one type, and these are ${TYPE_WORDS[yes.type]} and ${TYPE_WORDS[no.type]}`)
  return { kind: 'choice', type: yes.type === 'null' ? no.type : yes.type, when, yes, no }
}
