/**
 * Which of true, false and unknown are possible for a rule and a kind of caller, with any rows, when the claims are known. It works on the
 * syntax of the rule, independently of the server, which specialises compiled rules.
 */

import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import type { Caller } from '../../model/caller.ts'
import type { Truth } from '../../model/expression.ts'

/** The context of a rule. */
export interface Surroundings {
  readonly caller: Caller
  /** Named rules, as written. */
  readonly rules: Readonly<Record<string, string>>
  /** The result of a condition that depends only on the caller. */
  readonly decide: (source: string) => Truth
  /** The entity of the row that the rule is about; null for a rule without a row. */
  readonly entity: string | null
  /** The entity to which a reference or a relation of another one leads; null for any other name. */
  readonly target: (entity: string, name: string) => string | null
  /** Whether the rule of an entity that `can` uses can be true. */
  readonly canHold: (operation: string, entity: string) => boolean
  /** The entities of the rows of the quantifiers around an expression. */
  readonly bindings?: ReadonlyMap<string, string>
}

type Outcomes = ReadonlySet<Truth>

const ANY: Outcomes = new Set([true, false, null])
const UNKNOWN: Outcomes = new Set([null])
const environment = new Environment({ unlistedVariablesAreDyn: true })

/** True when there may be a row for which the rule is true. */
export function canBeTrue(source: string, around: Surroundings): boolean {
  return outcomes(environment.parse(source).ast, around).has(true)
}

function outcomes(node: ASTNode, around: Surroundings): Outcomes {
  switch (node.op) {
    case 'value':
      return new Set([node.args === true])
    case 'id': {
      const rule = around.rules[node.args]
      return rule === undefined ? ANY : outcomes(environment.parse(rule).ast, { ...around, bindings: new Map() })
    }
    case '!_':
      return new Set([...outcomes(node.args, around)].map((truth) => (truth === null ? null : !truth)))
    case '&&':
      return pairs(node.args, around, and)
    case '||':
      return pairs(node.args, around, (a, b) => not(and(not(a), not(b))))
    case '?:':
      return chosen(node.args, around)
    case 'call':
      return called(node.args[0], node.args[1], around)
    case 'rcall':
      return node.args[0] === 'exists' || node.args[0] === 'all'
        ? quantified(node.args[0], node.args[2][1], bound(node, around))
        : condition(node, around)
    default:
      return condition(node, around)
  }
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth
}

function and(a: Truth, b: Truth): Truth {
  if (a === false || b === false) return false
  return a === null || b === null ? null : true
}

function pairs([left, right]: readonly [ASTNode, ASTNode], around: Surroundings, join: (a: Truth, b: Truth) => Truth): Outcomes {
  const [a, b] = [outcomes(left, around), outcomes(right, around)]
  return new Set([...a].flatMap((x) => [...b].map((y) => join(x, y))))
}

function chosen([test, yes, no]: readonly [ASTNode, ASTNode, ASTNode], around: Surroundings): Outcomes {
  const of = outcomes(test, around)
  const [whenTrue, whenFalse] = [outcomes(yes, around), outcomes(no, around)]
  return new Set([...(of.has(true) ? whenTrue : []), ...(of.has(false) ? whenFalse : []), ...(of.has(null) ? UNKNOWN : [])])
}

/** The surroundings of the condition of a quantifier. */
function bound({ args: [, receiver, [variable]] }: Extract<ASTNode, { op: 'rcall' }>, around: Surroundings): Surroundings {
  const entity = entityOf(receiver, around)
  if (variable?.op !== 'id' || entity === null) return around
  return { ...around, bindings: new Map([...(around.bindings ?? []), [variable.args, entity]]) }
}

/** The entity of the row, or of the rows, to which a name or a path leads; null where it leads to none. */
function entityOf(node: ASTNode, around: Surroundings): string | null {
  if (node.op === 'id') return around.bindings?.get(node.args) ?? (around.entity === null ? null : around.target(around.entity, node.args))
  if (node.op !== '.') return null
  const [of, name] = node.args
  const from = entityOf(of, around)
  return from === null ? null : name === 'id' ? from : around.target(from, name)
}

/** The outcomes of `exists` or `all`: with no rows, and with rows of every possible outcome. */
function quantified(word: 'exists' | 'all', where: ASTNode | undefined, around: Surroundings): Outcomes {
  const inside = where === undefined ? ANY : outcomes(where, around)
  const empty = word === 'all'
  const decisive = !empty
  return new Set([empty, ...(inside.has(decisive) ? [decisive] : []), ...(inside.has(null) ? UNKNOWN : [])])
}

function called(name: string, args: readonly ASTNode[], around: Surroundings): Outcomes {
  const [operation, row] = args
  const entity = row === undefined ? null : entityOf(row, around)
  if (name !== 'can' || operation?.op !== 'value' || entity === null) return ANY
  return around.canHold(String(operation.args), entity) ? ANY : new Set([false, null])
}

/**
 * A comparison or other condition on values. It is decided if it depends only on the caller, and unknown if it needs a claim that the
 * caller lacks.
 */
function condition(node: ASTNode, around: Surroundings): Outcomes {
  if (asksOnlyCaller(node)) return new Set([around.decide(node.input.slice(node.range.start, node.range.end))])
  const [left, right] = (node.op === 'rcall' ? [node.args[1]] : Array.isArray(node.args) ? node.args : []) as readonly (
    | ASTNode
    | undefined
  )[]
  const lacking = [left, right].some((side) => side !== undefined && isLacking(side, around))
  return lacking ? UNKNOWN : ANY
}

/** `auth.x` that this caller does not have. */
function isLacking(node: ASTNode, { caller }: Surroundings): boolean {
  const claim = claimIn(node)
  return claim !== null && (caller.claims.get(claim) ?? null) === null
}

function claimIn(node: ASTNode): string | null {
  return node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'auth' ? node.args[1] : null
}

/** Whether the expression names only the caller and constants. */
function asksOnlyCaller(node: ASTNode): boolean {
  if (node.op === 'value') return true
  if (node.op === 'id') return false
  if (node.op === '.') return claimIn(node) !== null
  if (node.op === 'list') return node.args.every(asksOnlyCaller)
  if (node.op === 'call' || node.op === 'rcall') return false
  return Array.isArray(node.args) && (node.args as readonly ASTNode[]).every(asksOnlyCaller)
}
