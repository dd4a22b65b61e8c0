/** The constraints and indexes in a table of MySQL or SQLite, for PostgreSQL. */

import { columnNames, takeReference } from './columns.ts'
import { commaParts, expressionText, type PieceReader, pieceReader, type SqlPiece, takeName } from './pieces.ts'

/** A part of a table: a constraint, or an index that PostgreSQL makes in a statement of its own. */
export type TablePart =
  | { readonly kind: 'constraint'; readonly text: string }
  | { readonly kind: 'index'; readonly text: string }
  /** Anything else is a column. */
  | { readonly kind: 'column' }
  | { readonly kind: 'none' }

/** Reads a part of `table`. */
export function rewritePart(pieces: readonly SqlPiece[], table: string): TablePart {
  const reader = pieceReader(pieces)
  const isNamed = reader.take('constraint')
  const name = isNamed && !STARTS.some((words) => reader.sees(...words)) ? takeName(reader) : null
  const named = name === null ? '' : `CONSTRAINT ${name} `
  if (reader.take('primary', 'key')) {
    passMethod(reader)
    return { kind: 'constraint', text: `${named}PRIMARY KEY (${columnNames(reader.brackets()).join(', ')})` }
  }
  if (reader.take('foreign', 'key')) {
    if (!reader.sees('(')) takeName(reader)
    const columns = columnNames(reader.brackets()).join(', ')
    if (!reader.take('references')) return { kind: 'none' }
    return { kind: 'constraint', text: `${named}FOREIGN KEY (${columns}) ${takeReference(reader)}` }
  }
  if (reader.take('check')) return { kind: 'constraint', text: `${named}CHECK (${expressionText(reader.brackets())})` }
  if (isNamed ? reader.sees('unique') : isIndex(pieces)) return indexPart(reader, { table, name })
  return { kind: isNamed ? 'none' : 'column' }
}

const STARTS = [['primary', 'key'], ['foreign', 'key'], ['unique'], ['check']] as const
const INDEX: ReadonlySet<string> = new Set(['key', 'index', 'unique', 'fulltext', 'spatial'])

/** `key (…)`, `key name (…)`, `unique key name (…)`; `key text` is a column of the name key. */
function isIndex(pieces: readonly SqlPiece[]): boolean {
  const reader = pieceReader(pieces)
  const word = reader.peek()
  if (word?.kind !== 'word' || !INDEX.has(word.value.toLowerCase())) return false
  reader.next()
  if (reader.take('key') || reader.take('index') || reader.sees('(')) return true
  // a name, and perhaps a method, come before the bracket; the type of a column has a size in it
  const [name, next] = [reader.next(), reader.peek()]
  if (name === undefined || next === undefined) return false
  return next.value === '(' ? !/^\d/.test(reader.peek(1)?.value ?? '') : reader.sees('using')
}

function passMethod(reader: PieceReader): void {
  if (reader.take('using')) reader.next()
}

function indexPart(reader: PieceReader, given: { readonly table: string; readonly name: string | null }): TablePart {
  const isUnique = reader.take('unique')
  const special = ['fulltext', 'spatial'].find((word) => reader.take(word)) ?? null
  if (!reader.take('key')) reader.take('index')
  const name = reader.sees('(') || reader.sees('using') ? given.name : takeName(reader)
  passMethod(reader)
  return { kind: 'index', text: indexText({ isUnique, name, special, table: given.table }, reader) }
}

/** What is known of an index before its columns. */
export interface IndexHead {
  readonly isUnique: boolean
  readonly name: string | null
  /** `fulltext` or `spatial`; null for a usual index. */
  readonly special: string | null
  readonly table: string
}

/** The statement of an index, with the columns and the condition that come next. Lengths of columns go. */
export function indexText({ isUnique, name, special, table }: IndexHead, reader: PieceReader): string {
  const columns = commaParts(reader.brackets()).map((part) => {
    const [first, second] = part
    if (first?.kind === 'sign' || (second?.value === '(' && !/^\d/.test(part[2]?.value ?? ''))) return `(${expressionText(part)})`
    const isDown = part.some(({ kind, value }) => kind === 'word' && value.toLowerCase() === 'desc')
    return `${columnNames(part).join('')}${isDown ? ' DESC' : ''}`
  })
  const where = reader.take('where') ? ` WHERE ${expressionText(reader.rest())}` : ''
  const method = special === null ? '' : ` USING ${special}`
  return `CREATE ${isUnique ? 'UNIQUE ' : ''}INDEX ${name ?? ''} ON ${table}${method} (${columns.join(', ')})${where}`
}
