/** Reads SQL into a sketch, with PostgreSQL's own parser. Nothing of it is executed. */

import { loadModule, parseSync } from 'libpg-query'
import { type DataSketch, newSketch } from '../sketch/sketch.ts'
import { ImportError, placesIn, type SourcePlace, type SourceText } from '../text/source-file.ts'
import { type Dialect, dialectOf } from './dialect/dialect.ts'
import { type RewrittenStatement, rewriteStatement } from './dialect/rewrite.ts'
import type { SqlReading, StatementContext } from './reading.ts'
import { type SqlStatement, splitSql } from './split.ts'
import { readStatement } from './statements.ts'
import type { Node } from './tree.ts'
import { unreadObject } from './unread-object.ts'

/** The most characters of one statement. Rows are not parsed. */
const MAX_STATEMENT = 200_000
/** The most tables. A design has at most 500 entities. */
const MAX_TABLES = 2_000
/** Statements that hold rows, or change the session or the transaction. They are not parsed. */
const ROWS =
  /^(?:insert\s+(?:(?:ignore|or\s+\w+|low_priority|delayed)\s+)?into|replace\s+into|copy|update|delete\s+from|load\s+data)\s+(?:only\s+)?([\w".`[\]]+)/i
const SESSION =
  /^(?:set|select|begin|start|commit|rollback|end|reset|lock|unlock|use|go|analyze|vacuum|pragma|show|discard|flush|(?:create|drop|alter)\s+database)\b/i

/** Reads a text. A statement that cannot be read is listed as left out. @throws ImportError for what is too large or too deep. */
export async function readSql(source: SourceText): Promise<DataSketch> {
  await loadModule()
  const reading: SqlReading = {
    sketch: newSketch(),
    enums: new Set(),
    domains: new Map(),
    sequences: new Map(),
    partitions: new Set(),
    rows: new Set(),
  }
  const placeOf = placesIn(source)
  const dialect = dialectOf(source.text)
  for (const statement of splitSql(source, dialect)) {
    read(statement, { reading, placeOf, dialect })
    if (reading.sketch.entities.length > MAX_TABLES)
      throw new ImportError(
        placeOf(statement.offset),
        `more than ${MAX_TABLES} tables`,
        'import it in parts, each for a backend of its own',
      )
  }
  endSequences(reading)
  return reading.sketch
}

interface Reader {
  readonly reading: SqlReading
  readonly placeOf: (offset: number) => SourcePlace
  readonly dialect: Dialect
}

function read(statement: SqlStatement, reader: Reader): void {
  const { text, offset } = statement
  const { reading, placeOf } = reader
  const at = placeOf(offset)
  if (SESSION.test(text)) return
  const table = ROWS.exec(text)?.[1]?.replaceAll(/["`[\]]/g, '')
  const { left } = reading.sketch
  if (table !== undefined) {
    if (!reading.rows.has(table))
      left.push({ kind: 'rows', name: table, at, why: 'a design has no rows; load them after the first migration' })
    return void reading.rows.add(table)
  }
  const name = text.slice(0, 60).replaceAll(/\s+/g, ' ')
  if (text.length > MAX_STATEMENT) return void left.push({ kind: 'statement', name, at, why: `longer than ${MAX_STATEMENT} characters` })
  if (reader.dialect !== 'postgres' && readRewritten(text, at, reader)) return
  const parsed = parse(reader.dialect === 'mysql' ? text.replaceAll('`', '"') : text)
  if (!('why' in parsed)) {
    readNodes(parsed.nodes, { name, at, reading, placeOf: (bytes) => placeOf(offset + unitsOf(text, bytes)) })
    return
  }
  if (reader.dialect === 'postgres' && readRewritten(text, at, reader)) return
  left.push(unreadObject(text, at) ?? { kind: 'statement', name, at: placeOf(offset + parsed.offset), why: parsed.why })
}

/** Reads a statement of another dialect about a table; false if it is none, or cannot be read either. */
function readRewritten(text: string, at: SourcePlace, { reading, dialect }: Reader): boolean {
  const rewritten = rewriteStatement(text, dialect)
  if (rewritten === null) return false
  const parsed = rewritten.map((each) => ({ each, parsed: each.lost === undefined ? parse(each.text) : { nodes: [] } }))
  const [first] = parsed
  if (first !== undefined && 'why' in first.parsed) return false
  for (const { each, parsed: found } of parsed) readPart(each, found, { reading, at: { ...at, line: at.line + each.line } })
  return true
}

function readPart(
  { text, lost }: RewrittenStatement,
  found: Parsed,
  { reading, at }: { readonly reading: SqlReading; readonly at: SourcePlace },
): void {
  const { left } = reading.sketch
  if (lost !== undefined) return void left.push({ ...lost, at })
  const name = text.slice(0, 60).replaceAll(/\s+/g, ' ')
  if ('why' in found) return void left.push({ kind: 'statement', name, at, why: found.why })
  const places = placesIn({ ...at, text })
  readNodes(found.nodes, { name, at, reading, placeOf: (bytes) => places(unitsOf(text, bytes)) })
}

interface NodesContext extends StatementContext {
  readonly name: string
}

function readNodes(nodes: readonly Node[], { name, ...context }: NodesContext): void {
  try {
    for (const node of nodes) readStatement(node, context)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    context.reading.sketch.left.push({ kind: 'statement', name, at: context.at, why: 'nested too deeply; write it with fewer levels' })
  }
}

/** The UTF-16 offset of a byte. */
function unitsOf(text: string, bytes: number): number {
  return Buffer.from(text.slice(0, bytes)).length === bytes ? bytes : Buffer.from(text).subarray(0, bytes).toString().length
}

type Parsed = { readonly nodes: readonly Node[] } | { readonly why: string; readonly offset: number }

function parse(text: string): Parsed {
  try {
    const { stmts = [] } = parseSync(text) as { readonly stmts?: readonly { readonly stmt?: Node }[] }
    return { nodes: stmts.flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt])) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { why: `PostgreSQL cannot read it (${message.slice(0, 200)}); write it for PostgreSQL`, offset: offsetOf(error) }
  }
}

function offsetOf(error: unknown): number {
  const details: unknown = typeof error === 'object' && error !== null && 'sqlDetails' in error ? error.sqlDetails : null
  const position = typeof details === 'object' && details !== null && 'cursorPosition' in details ? details.cursorPosition : 0
  return typeof position === 'number' && position > 0 ? position : 0
}

/** A sequence that no column counts with is left out. */
function endSequences({ sketch, sequences }: SqlReading): void {
  for (const { name, at, column } of sequences.values()) {
    const object = { kind: 'sequence', name, at }
    if (column === null) sketch.left.push({ ...object, why: 'no column counts with it; write a field of type sequence' })
    else sketch.parts.push({ ...object, ...column })
  }
}
