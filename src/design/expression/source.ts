/** From text to syntax tree, by the CEL library; what it cannot read becomes a problem. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { Environment, ParseError } from '@marcbachmann/cel-js'
import { memo } from '../../base/memo.ts'
import { lineAndColumn } from './context.ts'
import type { Limits } from './limits.ts'
import type { Compiled, ExpressionProblem } from './scope.ts'

/** The environment of a set of limits: making one is the costly part. The library's registry is not used, so nothing in it can be reached. */
const environment = memo(
  (limits: Limits) =>
    new Environment({
      unlistedVariablesAreDyn: true,
      limits: {
        maxAstNodes: limits.nodes,
        maxDepth: limits.depth,
        maxListElements: limits.items,
        maxMapEntries: limits.items,
        maxCallArguments: 10,
      },
    }),
)

/** Parses within the limits. Never throws: whatever the library makes of a hostile source is one problem with a place. */
export function parseSource(source: string, limits: Limits): Compiled<ASTNode> {
  if (source.length > limits.length) return problem(source, 0, `the expression has more than ${limits.length} characters`, 'PLN-D309')
  if (source.trim() === '') return problem(source, 0, 'the expression is empty', 'PLN-D301')
  try {
    const { ast } = environment(limits).parse(source)
    if (levelsOf(ast) > limits.levels) return problem(source, 0, 'the expression is too large or nests too deeply', 'PLN-D309')
    return { ok: true, value: ast }
  } catch (error) {
    if (!(error instanceof ParseError)) return problem(source, 0, 'the expression nests too deeply', 'PLN-D309')
    const offset = Math.min(error.range?.start ?? 0, source.length)
    if (error.code === 'limit_exceeded') return problem(source, offset, 'the expression is too large or nests too deeply', 'PLN-D309')
    return problem(source, offset, sayWhat(error), 'PLN-D301', error.code === 'reserved_identifier' ? RESERVED : hintFor(source, offset))
  }
}

/** How many levels a tree has, without recursion: whatever comes later may recurse. */
function levelsOf(root: ASTNode): number {
  let most = 0
  const open: { readonly node: ASTNode; readonly level: number }[] = [{ node: root, level: 1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, level } = next
    most = Math.max(most, level)
    for (const part of partsOf(node)) {
      const sameChain = part.op === node.op && (node.op === '&&' || node.op === '||')
      open.push({ node: part, level: sameChain ? level : level + 1 })
    }
  }
  return most
}

function partsOf(node: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = []
  const collect = (part: unknown): void => {
    if (Array.isArray(part)) for (const each of part) collect(each)
    else if (typeof part === 'object' && part !== null && 'op' in part && 'args' in part) found.push(part as ASTNode)
  }
  collect(node.args)
  return found
}

function problem(source: string, offset: number, message: string, code: ExpressionProblem['code'], hint?: string): Compiled<never> {
  return { ok: false, problems: [{ code, message, ...(hint === undefined ? {} : { hint }), ...lineAndColumn(source, offset) }] }
}

/** The library's summary, with its token names turned into what an author typed. */
function sayWhat(error: ParseError): string {
  const text = error.summary.replaceAll(/\b[A-Z]{2,}\b/g, (token) => TOKENS[token] ?? token)
  return text.charAt(0).toLowerCase() + text.slice(1)
}

const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'end of expression',
  NUMBER: 'number',
  STRING: 'text',
  BOOLEAN: 'true or false',
  NULL: 'null',
  IDENTIFIER: 'name',
  PLUS: '`+`',
  MINUS: '`-`',
  MULTIPLY: '`*`',
  DIVIDE: '`/`',
  MODULO: '`%`',
  EQ: '`==`',
  NE: '`!=`',
  LT: '`<`',
  LE: '`<=`',
  GT: '`>`',
  GE: '`>=`',
  AND: '`&&`',
  OR: '`||`',
  NOT: '`!`',
  IN: '`in`',
  LPAREN: '`(`',
  RPAREN: '`)`',
  LBRACKET: '`[`',
  RBRACKET: '`]`',
  LBRACE: '`{`',
  RBRACE: '`}`',
  DOT: '`.`',
  COMMA: '`,`',
  COLON: '`:`',
  QUESTION: '`?`',
  BYTES: 'bytes',
}

const RESERVED = 'the word is reserved in CEL, so it cannot be the name of a field or rule'

/** What habits from other languages should have been. */
function hintFor(source: string, offset: number): string | undefined {
  const rest = source.slice(offset)
  if (/^=[^=]/.test(rest)) return 'equality is `==`'
  if (/^&[^&]/.test(rest)) return 'write `&&`'
  if (/^\|[^|]/.test(rest)) return 'write `||`'
  if (/^and\b/i.test(rest)) return 'write `&&`'
  if (/^or\b/i.test(rest)) return 'write `||`'
  if (/^not\b/i.test(rest)) return 'write `!`'
  return undefined
}
