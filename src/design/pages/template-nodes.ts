/**
 * Parses a template. Of the Handlebars language it takes values, `if`, `unless`, `each`, `with`, `else` and comments. Helpers, partials and
 * decorators are refused, because code could extend a template with them.
 */

import {
  type HandlebarsBlock,
  type HandlebarsContent,
  type HandlebarsExpression,
  type HandlebarsProgram,
  type HandlebarsStatement,
  type HandlebarsValue,
  parseHandlebars,
} from './handlebars-tree.ts'

/** A place in a template; both numbers begin with 1. */
export interface TemplatePlace {
  readonly line: number
  readonly column: number
}

/** Reports a problem of a template. */
export type ReportTemplate = (code: TemplateCode, at: TemplatePlace, said: { readonly message: string; readonly hint: string }) => void

/** The findings about templates. */
export type TemplateCode = 'PLN-D591' | 'PLN-D592' | 'PLN-D593' | 'PLN-D594'

/** A name as the template has it: `lines`, `../total`, `@index`. */
export interface NamePath {
  readonly source: string
  /** Whether it begins with `@`. */
  readonly isData: boolean
  /** How many `../` it has. */
  readonly up: number
  readonly parts: readonly string[]
}

/** A part of a template before its names are bound. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string; readonly at: TemplatePlace }
  | { readonly kind: 'value'; readonly path: NamePath; readonly at: TemplatePlace }
  | TemplateBlock

/** A block with a part that is filled in if its value is there, and one for the other case. */
export interface TemplateBlock {
  readonly kind: 'block'
  readonly word: BlockWord
  readonly path: NamePath
  readonly at: TemplatePlace
  readonly body: readonly TemplateNode[]
  readonly otherwise: readonly TemplateNode[]
}

const BLOCK_WORDS = ['if', 'unless', 'each', 'with'] as const
type BlockWord = (typeof BLOCK_WORDS)[number]

/** Levels of blocks. */
const MAX_LEVELS = 20

/** Parses a template; null when its syntax is wrong. Parts with an error are left out, with a finding. */
export function parseTemplate(text: string, report: ReportTemplate): readonly TemplateNode[] | null {
  let program: HandlebarsProgram
  try {
    program = parseHandlebars(text)
  } catch (error) {
    const { at, message } = syntaxError(error)
    report('PLN-D591', at, { message, hint: 'a block is {{#if name}} … {{/if}}, a value {{name}}' })
    return null
  }
  return nodesOf(program, report, 0)
}

/** The parser's error: the expected tokens in it are of no use to an author. */
function syntaxError(error: unknown): { readonly at: TemplatePlace; readonly message: string } {
  const { message, lineNumber, column, hash } = error as {
    message: string
    lineNumber?: number
    column?: number
    hash?: { loc: { last_line: number; first_column: number } }
  }
  const [first = ''] = message.split('\n')
  const line = hash?.loc.last_line ?? lineNumber ?? 1
  const at = { line, column: (hash?.loc.first_column ?? column ?? 0) + 1 }
  const isPlace = /^(Parse|Lexical) error/.test(first)
  return { at, message: isPlace ? 'the template breaks off or is malformed here' : first.replace(/ - \d+:\d+$/, '') }
}

function nodesOf(program: HandlebarsProgram | undefined, report: ReportTemplate, level: number): readonly TemplateNode[] {
  return (program?.body ?? []).flatMap((statement) => nodeOf(statement, report, level))
}

function nodeOf(statement: HandlebarsStatement, report: ReportTemplate, level: number): readonly TemplateNode[] {
  const at = placeOf(statement)
  switch (statement.type) {
    case 'ContentStatement':
      return contentOf(statement)
    case 'CommentStatement':
      return []
    case 'MustacheStatement':
      return valueNode(statement, report)
    case 'BlockStatement':
      if (level < MAX_LEVELS) return blockOf(statement, report, level)
      report('PLN-D591', at, { message: `blocks nest more than ${MAX_LEVELS} levels deep`, hint: 'take the inner blocks out' })
      return []
    default:
      report('PLN-D591', at, {
        message: 'templates have no partials, decorators and raw blocks',
        hint: 'write the text here: a template reads no other file',
      })
      return []
  }
}

/** The text of a line with nothing but a block begins further on than its place, because the space before it is removed. */
function contentOf(content: HandlebarsContent): readonly TemplateNode[] {
  const { value, original } = content
  if (value === '') return []
  const removed = original.slice(0, original.indexOf(value))
  return [{ kind: 'text', text: value, at: after(placeOf(content), removed) }]
}

/** The place behind a text that begins at a place. */
export function after({ line, column }: TemplatePlace, text: string): TemplatePlace {
  const lines = text.split('\n')
  const last = lines.at(-1) ?? ''
  return lines.length === 1 ? { line, column: column + last.length } : { line: line + lines.length - 1, column: last.length + 1 }
}

function placeOf({ loc }: HandlebarsStatement): TemplatePlace {
  return { line: loc.start.line, column: loc.start.column + 1 }
}

function valueNode(statement: HandlebarsValue, report: ReportTemplate): readonly TemplateNode[] {
  const at = placeOf(statement)
  if (!statement.escaped) {
    report('PLN-D591', at, { message: 'a value without escaping would be markup', hint: 'write {{name}}: every value is escaped' })
    return []
  }
  const path = pathOf(statement.path)
  if (path === null || statement.params.length > 0 || hasOptions(statement)) {
    report('PLN-D591', at, {
      message: 'a value is the name of a part of the answer; templates have no helpers',
      hint: 'compute it in the answer of the action',
    })
    return []
  }
  return [{ kind: 'value', path, at }]
}

function blockOf(statement: HandlebarsBlock, report: ReportTemplate, level: number): readonly TemplateNode[] {
  const at = placeOf(statement)
  const called = pathOf(statement.path)?.source
  const word = BLOCK_WORDS.find((each) => each === called)
  if (word === undefined) {
    const known = BLOCK_WORDS.join(', ')
    report('PLN-D591', at, { message: `the blocks of a template are ${known}`, hint: 'write {{#if name}} or {{#each name}}' })
    return []
  }
  const [given, ...others] = statement.params
  const path = given === undefined ? null : pathOf(given)
  const named = [statement.program, statement.inverse].some((program) => (program?.blockParams ?? []).length > 0)
  if (path === null || others.length > 0 || named || hasOptions(statement)) {
    report('PLN-D591', at, { message: `${word} takes one name of the answer, and nothing else`, hint: `write {{#${word} name}}` })
    return []
  }
  const [body, otherwise] = [nodesOf(statement.program, report, level + 1), nodesOf(statement.inverse, report, level + 1)]
  return [{ kind: 'block', word, path, at, body, otherwise }]
}

function hasOptions({ hash }: HandlebarsValue | HandlebarsBlock): boolean {
  return (hash?.pairs ?? []).length > 0
}

/** The name in an expression; null for anything else. */
function pathOf(expression: HandlebarsExpression): NamePath | null {
  if (expression.type !== 'PathExpression') return null
  const { data, depth, parts, original } = expression
  if (!parts.every((part) => typeof part === 'string')) return null
  return { source: original, isData: data, up: depth, parts }
}
