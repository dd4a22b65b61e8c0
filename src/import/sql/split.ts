/** Splits a file of SQL into statements, so that one that cannot be read does not hide the others. */

import { ImportError, MAX_IMPORT_DEPTH, placesIn, type SourceText } from '../text/source-file.ts'
import { type Dialect, withExecutedComments } from './dialect/dialect.ts'

/** A statement without its semicolon, and its offset in the text. */
export interface SqlStatement {
  readonly text: string
  readonly offset: number
}

/**
 * The parts in which a semicolon ends no statement: quoted text and names, dollar-quoted text, comments of a line. A part that is not
 * closed extends to the end.
 */
const ENCLOSED =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$)|\$([A-Za-z_]\w*)?\$|--[^\n]*(?:\n|$)/y
/** The same in MySQL, which has backslashes in texts, and comments after `#`. */
const ENCLOSED_MYSQL = /'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|"(?:[^"\\]|\\[\s\S]|"")*(?:"|$)|`[^`]*(?:`|$)|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)/y
/** What ends statements from here on, in scripts for the client of MySQL. */
const DELIMITER = /delimiter[ \t]+(\S+)[^\n]*(?:\n|$)/iy
const WORD = /[A-Za-z_]\w*/y
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
export function splitSql(source: SourceText, dialect: Dialect = 'postgres'): readonly SqlStatement[] {
  const given = withoutDown(source.text)
  const text = dialect === 'mysql' ? withExecutedComments(given) : given
  const placeOf = placesIn(source)
  const statements: SqlStatement[] = []
  const enclosing = dialect === 'mysql' ? ENCLOSED_MYSQL : ENCLOSED
  let began = 0
  let depth = 0
  let delimiter = ';'
  let body = newBody()
  const end = (at: number): void => {
    const statement = text.slice(began, at)
    const space = /^(?:\s+|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(statement)?.[0].length ?? 0
    if (statement.slice(space).trim() !== '') statements.push({ text: statement.slice(space), offset: began + space })
    began = at + delimiter.length
    depth = 0
    body = newBody()
    if (statements.length > MAX_STATEMENTS)
      throw new ImportError(placeOf(at), `more than ${MAX_STATEMENTS} statements`, 'import the schema without its rows')
  }
  for (let at = 0; at < text.length; ) {
    const sign = text[at] ?? ''
    enclosing.lastIndex = at
    const enclosed = enclosing.exec(text)
    if (enclosed !== null) {
      at += enclosed[0].length
      if (enclosed[0].startsWith('$')) at = after(text, enclosed[0], at)
    } else if (sign === '/' && text[at + 1] === '*') at = afterComment(text, at)
    else if (sign === '\\' && (at === 0 || text[at - 1] === '\n')) {
      COMMAND.lastIndex = at
      at += COMMAND.exec(text)?.[0].length ?? 1
      began = at
    } else if (text.startsWith(delimiter, at) && !(delimiter === ';' && body.depth > 0)) {
      const isCopy = COPY.test(text.slice(began, at))
      end(at)
      if (isCopy) began = after(text, '\n\\.', at)
      at = Math.max(at + delimiter.length, began)
    } else if (/[A-Za-z_]/.test(sign)) {
      DELIMITER.lastIndex = at
      const changed = dialect === 'mysql' && beginsLine(text, at) ? DELIMITER.exec(text) : null
      if (changed !== null) {
        delimiter = changed[1] ?? ';'
        at += changed[0].length
        began = at
        continue
      }
      WORD.lastIndex = at
      const [word = sign] = WORD.exec(text) ?? []
      readWord(body, word.toLowerCase())
      at += word.length
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

/** Whether only spaces stand before an offset on its line. */
function beginsLine(text: string, at: number): boolean {
  let before = at - 1
  while (text[before] === ' ' || text[before] === '\t') before -= 1
  return before < 0 || text[before] === '\n'
}

/** Whether a statement makes code of the database, and how many blocks of it are open: semicolons in them end no statement. */
interface Body {
  words: number
  isCode: boolean | null
  last: string
  depth: number
}

function newBody(): Body {
  return { words: 0, isCode: null, last: '', depth: 0 }
}

/** What a statement may make. The first of these words in it says what it is about. */
const OBJECTS: ReadonlySet<string> = new Set(
  'table view index type schema database sequence domain extension role user policy trigger procedure function event'.split(' '),
)
const CODE: ReadonlySet<string> = new Set(['trigger', 'procedure', 'function', 'event'])

function readWord(body: Body, word: string): void {
  body.words += 1
  if (body.words === 1 && word !== 'create') body.isCode = false
  if (body.isCode === null && OBJECTS.has(word)) body.isCode = CODE.has(word)
  if (body.isCode === true) {
    // `end if` and `end loop` close what no word here opened
    if (word === 'begin' || (word === 'case' && body.last !== 'end')) body.depth += 1
    if (word === 'end') body.depth -= 1
    if (['if', 'loop', 'while', 'repeat'].includes(word) && body.last === 'end') body.depth += 1
  }
  body.last = word
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
