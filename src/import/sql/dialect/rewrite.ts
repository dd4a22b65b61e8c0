/**
 * Rewrites what MySQL and SQLite write about tables into statements that PostgreSQL's parser reads. One statement may become several: an
 * index or a comment inside of a table is a statement of its own in PostgreSQL.
 */

import { type RewrittenColumn, rewriteColumn } from './columns.ts'
import type { Dialect } from './dialect.ts'
import { commaParts, type PieceReader, pieceReader, piecesOf, type SqlPiece, takeName, textLiteral } from './pieces.ts'
import { indexText, rewritePart } from './table-parts.ts'

/** A statement for PostgreSQL, and the line, from 0, on which it begins in the statement that it was made of. */
export interface RewrittenStatement {
  readonly text: string
  readonly line: number
  /** What the statement says besides, and no statement of PostgreSQL. */
  readonly lost?: { readonly kind: string; readonly name: string; readonly why: string }
}

/** Rewrites a statement; null for one that is about neither a table nor an index of it. */
export function rewriteStatement(text: string, dialect: Dialect): readonly RewrittenStatement[] | null {
  if (!/^(?:create|alter|drop)\s/i.test(text)) return null
  const pieces = piecesOf(text, dialect)
  const reader = pieceReader(pieces)
  if (reader.take('create')) {
    const isTemporary = reader.take('temporary') || reader.take('temp')
    if (reader.take('table')) return createTable(reader, isTemporary)
    const isUnique = reader.take('unique')
    const special = ['fulltext', 'spatial'].find((word) => reader.take(word)) ?? null
    return reader.take('index') ? createIndex(reader, { isUnique, special }) : null
  }
  if (reader.take('drop', 'table')) return dropTables(reader)
  return reader.take('alter', 'table') ? alterTable(reader) : null
}

function createTable(reader: PieceReader, isTemporary: boolean): readonly RewrittenStatement[] | null {
  reader.take('if', 'not', 'exists')
  const table = takeName(reader)
  if (table === null || !reader.sees('(')) return null
  const columns: RewrittenStatement[] = []
  const others: RewrittenStatement[] = []
  for (const part of commaParts(reader.brackets())) {
    const line = part[0]?.line ?? 0
    const found = rewritePart(part, table)
    if (found.kind === 'index') others.push({ text: found.text, line })
    else if (found.kind === 'constraint') columns.push({ text: found.text, line })
    else if (found.kind === 'column') {
      const column = rewriteColumn(part)
      if (column === null) return null
      columns.push({ text: columnText(column), line })
      others.push(...aboutColumn(column, { table, line }))
    }
  }
  const options = reader.rest()
  const comment = options.findIndex(({ kind, value }) => kind === 'word' && value.toLowerCase() === 'comment')
  const said = comment < 0 ? undefined : options.slice(comment).find(({ kind }) => kind === 'text')
  if (said !== undefined) others.push({ text: `COMMENT ON TABLE ${table} IS ${textLiteral(said.value)}`, line: said.line })
  const split = options.find(({ kind, value }) => kind === 'word' && value.toLowerCase() === 'partition')
  const lost = { kind: 'partition', name: table.replaceAll('"', ''), why: 'Plinth makes one table; partition it in the database' }
  if (split !== undefined) others.push({ text: '', line: split.line, lost })
  const head = `CREATE ${isTemporary ? 'TEMPORARY ' : ''}TABLE ${table} (`
  return [{ text: `${onTheirLines(head, columns)})`, line: 0 }, ...others]
}

/** Puts each part on its line. */
function onTheirLines(head: string, parts: readonly RewrittenStatement[]): string {
  let line = 0
  return parts.reduce((text, part, i) => {
    const breaks = Math.max(0, part.line - line)
    line += breaks
    return `${text}${i === 0 ? '' : ','}${'\n'.repeat(breaks)} ${part.text}`
  }, head)
}

function columnText({ name, type, constraints }: RewrittenColumn): string {
  return `${name} ${type} ${constraints}`
}

function aboutColumn(
  { name, comment, isTouched }: RewrittenColumn,
  { table, line }: { readonly table: string; readonly line: number },
): readonly RewrittenStatement[] {
  const path = `${table}.${name}`
  const said = comment === null || comment === '' ? [] : [{ text: `COMMENT ON COLUMN ${path} IS ${textLiteral(comment)}`, line }]
  const why = 'the database sets it at each update; updatedAt is such a field'
  const lost = { kind: 'default', name: `${path.replaceAll('"', '')} on update`, why }
  return isTouched && !/^"updated_?at"$/i.test(name) ? [...said, { text: '', line, lost }] : said
}

function createIndex(
  reader: PieceReader,
  head: { readonly isUnique: boolean; readonly special: string | null },
): readonly RewrittenStatement[] | null {
  reader.take('if', 'not', 'exists')
  const name = reader.sees('on') ? null : takeName(reader)
  if (reader.take('using')) reader.next()
  if (!reader.take('on')) return null
  const table = takeName(reader)
  if (reader.take('using')) reader.next()
  return table === null ? null : [{ text: indexText({ ...head, name, table }, reader), line: 0 }]
}

function dropTables(reader: PieceReader): readonly RewrittenStatement[] {
  reader.take('if', 'exists')
  return commaParts(reader.rest()).map((part) => ({ text: `DROP TABLE ${takeName(pieceReader(part)) ?? '""'}`, line: part[0]?.line ?? 0 }))
}

/** A statement for each change, as phpMyAdmin and tools of migrations write them. */
function alterTable(reader: PieceReader): readonly RewrittenStatement[] | null {
  reader.take('if', 'exists')
  const table = takeName(reader)
  if (table === null) return null
  return commaParts(reader.rest()).flatMap((part) => {
    const line = part[0]?.line ?? 0
    return changes(part, table).map((change) => (typeof change === 'string' ? { text: change, line } : { ...change, line }))
  })
}

function changes(part: readonly SqlPiece[], table: string): readonly (string | RewrittenStatement)[] {
  const reader = pieceReader(part)
  const alter = (text: string): string => `ALTER TABLE ${table} ${text}`
  if (reader.take('add')) {
    const isColumn = reader.take('column')
    reader.take('if', 'not', 'exists')
    const rest = reader.rest()
    const found = isColumn ? { kind: 'column' as const } : rewritePart(rest, table)
    if (found.kind === 'index') return [found.text]
    if (found.kind === 'constraint') return [alter(`ADD ${found.text}`)]
    const column = rewriteColumn(rest)
    if (column === null) return []
    return [alter(`ADD COLUMN ${columnText(column)}`), ...aboutColumn(column, { table, line: 0 })]
  }
  if (reader.take('modify')) {
    reader.take('column')
    const column = rewriteColumn(reader.rest())
    return column === null ? [] : modified(column).map(alter)
  }
  if (reader.take('drop', 'foreign', 'key')) return [alter(`DROP CONSTRAINT ${takeName(reader) ?? '""'}`)]
  if (reader.take('drop', 'index') || reader.take('drop', 'key')) return [`DROP INDEX ${takeName(reader) ?? '""'}`]
  if (reader.take('drop', 'column')) return [alter(`DROP COLUMN ${takeName(reader) ?? '""'}`)]
  if (reader.take('rename', 'column') || reader.take('change')) {
    reader.take('column')
    return [alter(`RENAME COLUMN ${takeName(reader) ?? '""'} TO "other"`)]
  }
  if (reader.take('rename')) return [alter('RENAME TO "other"')]
  // the engine, the characters, the next number
  return []
}

function modified({ name, type, isCounted, isRequired, fallback }: RewrittenColumn): readonly string[] {
  return [
    `ALTER COLUMN ${name} TYPE ${type}`,
    `ALTER COLUMN ${name} ${isRequired ? 'SET' : 'DROP'} NOT NULL`,
    ...(fallback === null ? [] : [`ALTER COLUMN ${name} SET DEFAULT ${fallback}`]),
    ...(isCounted ? [`ALTER COLUMN ${name} ADD GENERATED BY DEFAULT AS IDENTITY`] : []),
  ]
}
