/** The tree of the Handlebars parser, as far as templates use it. The package's own types do not resolve for modules of Node. */

import { createRequire } from 'node:module'

interface Located {
  readonly loc: { readonly start: { readonly line: number; readonly column: number } }
}

/** A sequence of statements; without one, nothing. */
export interface HandlebarsProgram {
  readonly body: readonly HandlebarsStatement[]
  readonly blockParams?: readonly string[]
}

/** A statement. All other kinds of the parser are refused by their names. */
export type HandlebarsStatement = HandlebarsContent | HandlebarsValue | HandlebarsBlock | HandlebarsComment

/** Text between values and blocks: as it stands, and without the space around blocks that stand alone on their line. */
export interface HandlebarsContent extends Located {
  readonly type: 'ContentStatement'
  readonly original: string
  readonly value: string
}

/** `{{name}}`. */
export interface HandlebarsValue extends Located, Called {
  readonly type: 'MustacheStatement'
  readonly escaped: boolean
}

/** `{{#if name}} … {{else}} … {{/if}}`. */
export interface HandlebarsBlock extends Located, Called {
  readonly type: 'BlockStatement'
  readonly program?: HandlebarsProgram
  readonly inverse?: HandlebarsProgram
}

interface HandlebarsComment extends Located {
  readonly type: 'CommentStatement'
}

interface Called {
  readonly path: HandlebarsExpression
  readonly params: readonly HandlebarsExpression[]
  readonly hash?: { readonly pairs: readonly unknown[] }
}

/** An expression. Only paths are names; `parts` of a path may hold an expression in parentheses. */
export type HandlebarsExpression =
  | {
      readonly type: 'PathExpression'
      readonly data: boolean
      readonly depth: number
      readonly parts: readonly unknown[]
      readonly original: string
    }
  | { readonly type: 'SubExpression' | 'StringLiteral' | 'NumberLiteral' | 'BooleanLiteral' | 'UndefinedLiteral' | 'NullLiteral' }

/** Loads the parser with the first template, because most designs have none. */
const parser = (): typeof import('@handlebars/parser') => createRequire(import.meta.url)('@handlebars/parser')

/** Parses a template. @throws Error with the place of a syntax error */
export function parseHandlebars(text: string): HandlebarsProgram {
  return parser().parse(text) as unknown as HandlebarsProgram
}
