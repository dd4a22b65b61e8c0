/** Parses the text of an expression with the CEL library. A syntax error becomes a problem. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { Environment, ParseError } from '@marcbachmann/cel-js'
import { memo } from '../../base/memo.ts'
import { lineAndColumn } from './context.ts'
import type { Limits } from './limits.ts'
import type { CompiledExpression, ExpressionProblem } from './scope.ts'

/** The CEL environment of a set of limits, made once because making it is slow. The library's own functions are not used. */
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

/** Parses an expression within the limits. Never throws: every error of the library becomes one problem with a place. */
export function parseSource(source: string, limits: Limits): CompiledExpression<ASTNode> {
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

/** The number of levels of a tree. Not recursive itself; it limits the recursion of later steps. */
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

function problem(
  source: string,
  offset: number,
  message: string,
  code: ExpressionProblem['code'],
  hint?: string,
): CompiledExpression<never> {
  return { ok: false, problems: [{ code, message, ...(hint === undefined ? {} : { hint }), ...lineAndColumn(source, offset) }] }
}

/** The library's message, with its token names replaced by what the author typed. */
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

/** A hint for operators of other languages. */
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
