/** Splits a file of SQL into statements, so that one that cannot be read does not hide the others. */

import { ImportError, MAX_IMPORT_DEPTH, placesIn, type SourceText } from '../text/source-file.ts'

/** A statement without its semicolon, and its offset in the text. */
export interface SqlStatement {
  readonly text: string
  readonly offset: number
}

/**
 * The parts in which a semicolon ends no statement: quoted text and names, dollar-quoted text, comments of a line. A part that is not
 * closed extends to the end.
 */
const ENCLOSED = /[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$([A-Za-z_]\w*)?\$|--[^\n]*(?:\n|$)/y
/** The rows of a dump follow `copy … from stdin`, up to a line with `\.`. */
const COPY = /^\s*copy\s[\s\S]*\sfrom\s+stdin/i
/** A command of psql, which is no SQL. */
const COMMAND = /\\[^\n]*(?:\n|$)/y
/** Comments with which tools of migrations begin the part that takes back a migration, and the part that makes it. */
const DOWN = /^[ \t]*(?:--|#)[ \t]*(?:\+goose down|\+migrate down|migrate:down|!downs|rollback\b.*|down migration\b.*)[ \t]*$/im
const UP = /^[ \t]*(?:--|#)[ \t]*(?:\+goose up|\+migrate up|migrate:up|!ups)[ \t]*$/im

const MAX_STATEMENTS = 20_000

/** Replaces what takes back migrations by spaces, so that lines stay where they are. */
function withoutDown(text: string): string {
  if (text.search(DOWN) < 0) return text
  let isDown = false
  const lines = text.split('\n').map((line) => {
    if (DOWN.test(line)) isDown = true
    else if (UP.test(line)) isDown = false
    return isDown ? ' '.repeat(line.length) : line
  })
  return lines.join('\n')
}

/** The statements of a text. @throws ImportError for brackets that are nested too deeply, and for too many statements. */
export function splitSql(source: SourceText): readonly SqlStatement[] {
  const text = withoutDown(source.text)
  const placeOf = placesIn(source)
  const statements: SqlStatement[] = []
  let began = 0
  let depth = 0
  const end = (at: number): void => {
    const statement = text.slice(began, at)
    const space = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(statement)?.[0].length ?? 0
    if (statement.slice(space).trim() !== '') statements.push({ text: statement.slice(space), offset: began + space })
    began = at + 1
    depth = 0
    if (statements.length > MAX_STATEMENTS)
      throw new ImportError(placeOf(at), `more than ${MAX_STATEMENTS} statements`, 'import the schema without its rows')
  }
  for (let at = 0; at < text.length; ) {
    const sign = text[at]
    ENCLOSED.lastIndex = at
    const enclosed = ENCLOSED.exec(text)
    if (enclosed !== null) {
      at += enclosed[0].length
      if (enclosed[0].startsWith('$')) at = after(text, enclosed[0], at)
    } else if (sign === '/' && text[at + 1] === '*') at = afterComment(text, at)
    else if (sign === '\\' && (at === 0 || text[at - 1] === '\n')) {
      COMMAND.lastIndex = at
      at += COMMAND.exec(text)?.[0].length ?? 1
      began = at
    } else if (sign === ';') {
      const isCopy = COPY.test(text.slice(began, at))
      end(at)
      if (isCopy) began = after(text, '\n\\.', at)
      at = Math.max(at + 1, began)
    } else {
      if (sign === '(' || sign === '[') depth += 1
      else if (sign === ')' || sign === ']') depth -= 1
      if (depth > MAX_IMPORT_DEPTH)
        throw new ImportError(placeOf(at), `brackets are nested more than ${MAX_IMPORT_DEPTH} levels deep`, 'remove this statement')
      at += 1
    }
  }
  end(text.length)
  return statements
}

/** The offset after the next occurrence of `word`; the end of the text without one. */
function after(text: string, word: string, at: number): number {
  const found = text.indexOf(word, at)
  return found < 0 ? text.length : found + word.length
}

/** The offset after a comment, which may hold comments. */
function afterComment(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text.startsWith('/*', at)) {
      depth += 1
      at += 1
    } else if (text.startsWith('*/', at)) {
      depth -= 1
      at += 1
      if (depth === 0) return at + 1
    }
  }
  return text.length
}
