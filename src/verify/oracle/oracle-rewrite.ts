/**
 * Rewrites the source of an expression for the oracle's evaluator. Logic, quantifiers, `? :`, selection of fields and tests of text stay
 * CEL's own. Bare names, `null`, comparison, arithmetic and the functions that Plinth defines differently become calls of the oracle's
 * operations.
 */

import type { ASTNode } from '@marcbachmann/cel-js'
import { isExactInDouble } from '../../base/number/decimal.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'

/** The meaning of names in an expression. */
export interface Names {
  readonly model: Model
  readonly rules: ReadonlyMap<string, string>
  readonly parse: (source: string) => ASTNode
  /** The names of an action, and for lists `kind: 'rows'`; left out outside of actions. */
  readonly named?: ReadonlyMap<string, { readonly kind: string }>
}

interface Place extends Names {
  readonly entity: string | null
  /** The bindings of `exists` around this place, with their names in the result. */
  readonly bindings: ReadonlyMap<string, string>
}

/** Rewrites an expression about a row of `entity`. */
export function rewrite(source: string, entity: string | null, names: Names): string {
  return write(names.parse(source), { ...names, entity, bindings: new Map() })
}

function write(node: ASTNode, place: Place): string {
  switch (node.op) {
    case 'value':
      return isLong(node) ? constantCall(node) : constant(node.args)
    case 'id':
      return name(node.args, place)
    case '.':
      return isTotal(node, place) ? `${write(node.args[0], place)}_total` : `${write(node.args[0], place)}.${node.args[1]}`
    case 'call':
      return call(node.args[0], node.args[1], place)
    case 'rcall':
      return method(node, place)
    case 'list':
      return `[${node.args.map((item) => write(item, place)).join(', ')}]`
    case '?:': {
      const [test, yes, no] = node.args
      return `(${write(test, place)} ? dyn(${write(yes, place)}) : dyn(${write(no, place)}))`
    }
    case '&&':
    case '||':
      return `(${write(node.args[0], place)} ${node.op} ${write(node.args[1], place)})`
    case '!_':
      return `!(${write(node.args, place)})`
    case '-_':
      return `negate_(${operand(node.args, place)})`
    case '==':
      return comparison(
        node.args,
        place,
        (a, b) => `equal_(${a}, ${b})`,
        (x) => `missing_(${x})`,
      )
    case '!=':
      return comparison(
        node.args,
        place,
        (a, b) => `!equal_(${a}, ${b})`,
        (x) => `!missing_(${x})`,
      )
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `(order_(${write(node.args[0], place)}, ${write(node.args[1], place)}) ${node.op} 0)`
    case 'in':
      return membership(node.args, place)
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return `calculate_(${JSON.stringify(node.op)}, ${operand(node.args[0], place)}, ${operand(node.args[1], place)})`
    default:
      throw new Error(`${node.op} is not part of the language`)
  }
}

/** A number with a point whose digits a double does not keep. */
function isLong(node: Extract<ASTNode, { op: 'value' }>): boolean {
  return typeof node.args === 'number' && !isExactInDouble(sourceOf(node), node.args)
}

function constantCall(node: ASTNode): string {
  return `constant_(${JSON.stringify(sourceOf(node))})`
}

function sourceOf({ input, start, end }: ASTNode): string {
  return input.slice(start, end)
}

function constant(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return /[.e]/.test(String(value)) ? String(value) : `${value}.0`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** `orders.total` of the result of a `list`. */
function isTotal({ args: [of, member] }: Extract<ASTNode, { op: '.' }>, { named, bindings }: Place): boolean {
  return member === 'total' && of.op === 'id' && !bindings.has(of.args) && named?.get(of.args)?.kind === 'rows'
}

function name(id: string, place: Place): string {
  const bound = place.bindings.get(id)
  if (bound !== undefined) return bound
  if (place.named !== undefined && (id === 'input' || place.named.has(id))) return `named.${id}`
  if (id === 'auth' || id === 'input') return id
  if (place.entity !== null && hasName(entityNamed(place.model, place.entity), id)) return `row.${id}`
  const rule = place.rules.get(id)
  if (rule === undefined) throw new Error(`${id} means nothing here`)
  return `(${write(place.parse(rule), { ...place, bindings: new Map() })})`
}

function hasName(entity: Entity, id: string): boolean {
  return [entity.fields, entity.relations, entity.derived].some((members) => members.some(({ name: member }) => member === id))
}

function call(id: string, args: readonly ASTNode[], place: Place): string {
  const [first, second] = args
  if (id === 'can' && first !== undefined && second !== undefined) {
    const row = write(second, place)
    return `(missing_(${row}) ? dyn(false) : dyn(can_(${write(first, place)}, ${row})))`
  }
  if (id === 'now') return 'now'
  if (id === 'today') return 'day_(now)'
  if (id === 'int' || id === 'double') return `${id}_(${first === undefined ? '' : operand(first, place)})`
  if (first !== undefined && OF_LISTS.has(id)) return ofList(id, first, place)
  return `${OWN.has(id) ? `${id}_` : id}(${args.map((arg) => write(arg, place)).join(', ')})`
}

/** Functions that the oracle defines itself. */
const OWN: ReadonlySet<string> = new Set([
  'string',
  'duration',
  'lowerAscii',
  'upperAscii',
  'trim',
  'matches',
  'yearMonth',
  'slugify',
  'replace',
])

/** Functions about one value of each row, or about the rows for which a condition is true. */
const AGGREGATES: ReadonlySet<string> = new Set(['filter', 'map', 'sum', 'avg', 'min', 'max'])

/** Functions about the items of a list, as `sum(prices)` and `prices.sum()`. */
const OF_LISTS: ReadonlySet<string> = new Set(['sum', 'avg', 'min', 'max'])

function ofList(id: string, list: ASTNode, place: Place): string {
  return `aggregate_(${JSON.stringify(id)}, ${write(list, place)})`
}

function method(node: Extract<ASTNode, { op: 'rcall' }>, place: Place): string {
  const [id, receiver, args] = node.args
  const [variable, body] = args
  if ((id === 'exists' || id === 'all') && variable?.op === 'id' && body !== undefined) {
    const bound = `b${place.bindings.size}_${variable.args}`
    const inside = { ...place, bindings: new Map([...place.bindings, [variable.args, bound]]) }
    return `${write(receiver, place)}.${id}(${bound}, ${write(body, inside)})`
  }
  if (variable?.op === 'id' && body !== undefined && AGGREGATES.has(id)) {
    const bound = `b${place.bindings.size}_${variable.args}`
    const each = write(body, { ...place, bindings: new Map([...place.bindings, [variable.args, bound]]) })
    const rows = write(receiver, place)
    if (id === 'filter') return `${rows}.filter(${bound}, missing_(${each}) ? false : ${each})`
    const list = `${rows}.filter(${bound}, !missing_(${each})).map(${bound}, dyn(${each}))`
    return id === 'map' ? list : `aggregate_(${JSON.stringify(id)}, ${list})`
  }
  if (args.length === 0 && OF_LISTS.has(id)) return ofList(id, receiver, place)
  if (id.startsWith('get')) return `part_(${JSON.stringify(id)}, ${write(receiver, place)})`
  if (OWN.has(id)) return `${id}_(${[receiver, ...args].map((arg) => write(arg, place)).join(', ')})`
  return `dyn(${write(receiver, place)}).${id}(${args.map((arg) => write(arg, place)).join(', ')})`
}

function comparison(
  [left, right]: readonly [ASTNode, ASTNode],
  place: Place,
  compare: (a: string, b: string) => string,
  ask: (x: string) => string,
): string {
  if (right.op === 'value' && right.args === null) return ask(write(left, place))
  if (left.op === 'value' && left.args === null) return ask(write(right, place))
  return compare(write(left, place), write(right, place))
}

/** `x in [a, b]` is `x == a || x == b`; for an empty list and for a list of a row, `x` must also have a value. */
function membership([of, list]: readonly [ASTNode, ASTNode], place: Place): string {
  const x = write(of, place)
  if (list.op !== 'list' || list.args.length === 0) return `in_(${x}, ${write(list, place)})`
  return `(${list.args.map((item) => `equal_(${x}, ${write(item, place)})`).join(' || ')})`
}

const CALCULATIONS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '-_', 'value'])

/** An operand of a calculation. Values of a row or caller are checked against the bounds; results of calculations are not. */
function operand(node: ASTNode, place: Place): string {
  if (node.op === 'value' && typeof node.args === 'number') return constantCall(node)
  if (CALCULATIONS.has(node.op) || node.op === 'call' || node.op === 'rcall') return write(node, place)
  if (node.op !== '?:') return `calculable_(${write(node, place)})`
  const [test, yes, no] = node.args
  return `(${write(test, place)} ? dyn(${operand(yes, place)}) : dyn(${operand(no, place)}))`
}
