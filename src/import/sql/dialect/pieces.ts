/** Pieces of SQL: words, names, texts and signs, with the quotes of MySQL and SQLite. */

import type { Dialect } from './dialect.ts'

/** A piece of a statement. */
export interface SqlPiece {
  readonly kind: 'space' | 'text' | 'name' | 'word' | 'number' | 'sign'
  /** As it stands in the statement. */
  readonly text: string
  /** Without its quotes. */
  readonly value: string
  /** The line, from 0, in the statement. */
  readonly line: number
}

type Form = readonly [kind: SqlPiece['kind'], form: RegExp]

const COMMON: readonly Form[] = [
  ['name', /`((?:[^`]|``)*)(?:`|$)/y],
  ['word', /[\p{L}_@$][\p{L}\p{N}_$]*/uy],
  ['number', /\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy],
  ['sign', /[\s\S]/y],
]
/** MySQL has comments after `#`, backslashes in texts, and texts in double quotes. */
const FORMS: Readonly<Record<Dialect, readonly Form[]>> = {
  mysql: [
    ['space', /(?:\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y],
    ['text', /'((?:[^'\\]|\\[\s\S]|'')*)(?:'|$)|"((?:[^"\\]|\\[\s\S]|"")*)(?:"|$)/y],
    ...COMMON,
  ],
  sqlite: [
    ['space', /(?:\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y],
    ['text', /'((?:[^']|'')*)(?:'|$)/y],
    ['name', /"((?:[^"]|"")*)(?:"|$)|\[([^\]\n]*)\]/y],
    ...COMMON,
  ],
  postgres: [
    ['space', /(?:\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y],
    ['text', /'((?:[^']|'')*)(?:'|$)/y],
    ['name', /"((?:[^"]|"")*)(?:"|$)/y],
    ...COMMON,
  ],
}

/** The pieces of a statement. */
export function piecesOf(text: string, dialect: Dialect): readonly SqlPiece[] {
  const pieces: SqlPiece[] = []
  let line = 0
  for (let at = 0; at < text.length; ) {
    for (const [kind, form] of FORMS[dialect]) {
      form.lastIndex = at
      const found = form.exec(text)
      if (found === null) continue
      const [whole] = found
      pieces.push({ kind, text: whole, value: plainValue(kind, found[1] ?? found[2] ?? whole, dialect), line })
      line += whole.split('\n').length - 1
      at += whole.length
      break
    }
  }
  return pieces
}

function plainValue(kind: SqlPiece['kind'], inner: string, dialect: Dialect): string {
  if (kind === 'name') return inner.replaceAll(/""|``/g, (quotes) => quotes.slice(1))
  // PostgreSQL folds names without quotes
  if (kind === 'word' && dialect === 'postgres') return inner.toLowerCase()
  if (kind !== 'text') return inner
  const plain = inner.replaceAll("''", "'").replaceAll('""', '"')
  return dialect === 'mysql' ? plain.replaceAll(/\\([\s\S])/g, (_, sign: string) => ESCAPES[sign] ?? sign) : plain
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '', b: '' }

/** A name for PostgreSQL, with its case. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text for PostgreSQL, on one line. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('\n', ' ')}'`
}

/** Reads pieces one after the other; spaces are passed over. */
export interface PieceReader {
  /** The piece that comes `ahead` pieces after the next one; undefined after the end. */
  readonly peek: (ahead?: number) => SqlPiece | undefined
  readonly next: () => SqlPiece | undefined
  /** Whether these words or signs, in lower case, come next. */
  readonly sees: (...words: readonly string[]) => boolean
  /** Takes these words or signs if all of them come next. */
  readonly take: (...words: readonly string[]) => boolean
  /** Takes the pieces in a pair of brackets, without the brackets; none if no bracket comes next. */
  readonly brackets: () => readonly SqlPiece[]
  /** Takes all other pieces. */
  readonly rest: () => readonly SqlPiece[]
}

/** A reader of pieces. */
export function pieceReader(given: readonly SqlPiece[]): PieceReader {
  const pieces = given.filter(({ kind }) => kind !== 'space')
  let at = 0
  const sees = (...words: readonly string[]): boolean =>
    words.every((word, i) => {
      const piece = pieces[at + i]
      return (piece?.kind === 'word' || piece?.kind === 'sign') && piece.value.toLowerCase() === word
    })
  const take = (...words: readonly string[]): boolean => {
    if (!sees(...words)) return false
    at += words.length
    return true
  }
  return {
    sees,
    take,
    peek: (ahead = 0) => pieces[at + ahead],
    next: () => pieces[at++],
    brackets: () => {
      if (!take('(')) return []
      const start = at
      for (let depth = 1; at < pieces.length; at++) {
        depth += depthOf(pieces[at])
        if (depth === 0) return pieces.slice(start, at++)
      }
      return pieces.slice(start, at)
    },
    rest: () => {
      const start = at
      at = pieces.length
      return pieces.slice(start)
    },
  }
}

/** 1 for a bracket that opens, -1 for one that closes, 0 for any other piece. */
export function depthOf(piece: SqlPiece | undefined): number {
  if (piece?.kind !== 'sign') return 0
  return piece.value === '(' ? 1 : piece.value === ')' ? -1 : 0
}

/** The parts between the commas that stand in no brackets. */
export function commaParts(pieces: readonly SqlPiece[]): readonly (readonly SqlPiece[])[] {
  const parts: SqlPiece[][] = [[]]
  let depth = 0
  for (const piece of pieces) {
    depth += depthOf(piece)
    if (piece.kind === 'sign' && piece.value === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(piece)
  }
  return parts.filter((part) => part.some(({ kind }) => kind !== 'space'))
}

/** Takes a name, with its schema: `shop.orders`. Null if no name comes next. */
export function takeName(reader: PieceReader): string | null {
  const first = reader.peek()
  if (first === undefined || !['name', 'word', 'text'].includes(first.kind)) return null
  const parts = [quotedName(reader.next()?.value ?? '')]
  while (reader.take('.')) parts.push(quotedName(reader.next()?.value ?? ''))
  return parts.slice(-2).join('.')
}

/** An expression for PostgreSQL: names that are quoted stay names, texts stay texts. */
export function expressionText(pieces: readonly SqlPiece[]): string {
  return pieces
    .map((piece) => (piece.kind === 'text' ? textLiteral(piece.value) : piece.kind === 'name' ? quotedName(piece.value) : piece.text))
    .join(' ')
    .replaceAll(/ ?([.]) ?/g, '$1')
    .replaceAll(/([<>!|]) (?=[=>|])/g, '$1')
}
