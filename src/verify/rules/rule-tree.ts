/**
 * A rule as a tree of conditions. Named rules are written out, and `x in [a, b]` becomes `x == a || x == b`. A condition without `&&`,
 * `||`, `!` and `?:` is an atom; the same text twice is two atoms.
 */

import { type ASTNode, Environment } from '@marcbachmann/cel-js'

/** A condition of a rule, which the oracle evaluates by its text. */
export interface Atom {
  readonly text: string
  readonly node: ASTNode
  /** The name in reports: the text without spaces, numbered if the rule has it more than once. */
  readonly name: string
}

/** The structure of a rule over its atoms, which are numbered. */
export type RuleTree =
  | { readonly kind: 'atom'; readonly atom: number }
  | { readonly kind: 'const'; readonly value: boolean }
  | { readonly kind: 'all' | 'any'; readonly of: readonly RuleTree[] }
  | { readonly kind: 'not'; readonly of: RuleTree }
  | { readonly kind: 'choose'; readonly test: RuleTree; readonly yes: RuleTree; readonly no: RuleTree }

/** A rule, taken apart. */
export interface ParsedRule {
  readonly source: string
  readonly tree: RuleTree
  readonly atoms: readonly Atom[]
}

const environment = new Environment({ unlistedVariablesAreDyn: true, limits: { maxAstNodes: 100_000, maxDepth: 1_000 } })

/** The syntax tree of an expression. @throws Error for an expression that is no CEL. */
export function parseExpression(source: string): ASTNode {
  return environment.parse(source).ast
}

/**
 * Takes a rule apart.
 *
 * @param namedRule gives the text of a named rule; undefined for any other name.
 */
export function parseRule(source: string, namedRule: (name: string) => string | undefined): ParsedRule {
  const atoms: Atom[] = []
  const known = new Map<string, number>()
  const add = (node: ASTNode, text: string): RuleTree => {
    const plain = text.replaceAll(/\s+/g, '')
    const nth = (known.get(plain) ?? 0) + 1
    known.set(plain, nth)
    atoms.push({ text, node, name: nth === 1 ? plain : `${plain}#${nth}` })
    return { kind: 'atom', atom: atoms.length - 1 }
  }
  const read = (node: ASTNode): RuleTree => {
    switch (node.op) {
      case 'value':
        return typeof node.args === 'boolean' ? { kind: 'const', value: node.args } : add(node, textOf(node))
      case 'id': {
        const rule = namedRule(node.args)
        return rule === undefined ? add(node, node.args) : read(parseExpression(rule))
      }
      case '!_':
        return { kind: 'not', of: read(node.args) }
      case '&&':
      case '||':
        return { kind: node.op === '&&' ? 'all' : 'any', of: node.args.map(read) }
      case '?:': {
        const [test, yes, no] = node.args
        return { kind: 'choose', test: read(test), yes: read(yes), no: read(no) }
      }
      case 'in': {
        const [of, list] = node.args
        if (list.op !== 'list' || list.args.length === 0) return add(node, textOf(node))
        const parts = list.args.map((item) => {
          const text = `${textOf(of)} == ${textOf(item)}`
          return add(parseExpression(text), text)
        })
        return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'any', of: parts }
      }
      default:
        return add(node, textOf(node))
    }
  }
  const tree = read(parseExpression(source))
  return { source, tree, atoms }
}

/** The text of a part of an expression. */
export function textOf({ input, range }: ASTNode): string {
  return input.slice(range.start, range.end)
}
