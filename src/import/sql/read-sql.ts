/** Reads SQL into a sketch, with PostgreSQL's own parser. Nothing of it is executed. */

import { loadModule, parseSync } from 'libpg-query'
import { type DataSketch, newSketch } from '../sketch/sketch.ts'
import { placesIn, type SourcePlace, type SourceText } from '../text/source-file.ts'
import type { SqlReading } from './reading.ts'
import { type SqlStatement, splitSql } from './split.ts'
import { readStatement } from './statements.ts'
import type { Node } from './tree.ts'

/** The most characters of one statement. Rows are not parsed. */
const MAX_STATEMENT = 200_000
/** Statements that hold rows, or change the session or the transaction. They are not parsed. */
const ROWS = /^(?:insert\s+into|copy|update|delete\s+from)\s+(?:only\s+)?([\w".]+)/i
const SESSION = /^(?:set|select|begin|start|commit|rollback|end|reset|lock|use|go|analyze|vacuum|pragma|show|discard)\b/i

/** Reads a text. A statement that PostgreSQL does not know is listed as left out. @throws ImportError for what is too large or too deep. */
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
  for (const statement of splitSql(source)) read(statement, reading, placeOf)
  endSequences(reading)
  return reading.sketch
}

function read(statement: SqlStatement, reading: SqlReading, placeOf: (offset: number) => SourcePlace): void {
  const { text, offset } = statement
  const at = placeOf(offset)
  if (SESSION.test(text)) return
  const table = ROWS.exec(text)?.[1]?.replaceAll('"', '')
  const { left } = reading.sketch
  if (table !== undefined) {
    if (!reading.rows.has(table))
      left.push({ kind: 'rows', name: table, at, why: 'a design has no rows; load them after the first migration' })
    return void reading.rows.add(table)
  }
  const name = text.slice(0, 60).replaceAll(/\s+/g, ' ')
  if (text.length > MAX_STATEMENT) return void left.push({ kind: 'statement', name, at, why: `longer than ${MAX_STATEMENT} characters` })
  const parsed = parse(text)
  if ('why' in parsed) return void left.push({ kind: 'statement', name, at: placeOf(offset + parsed.offset), why: parsed.why })
  try {
    for (const node of parsed.nodes) readStatement(node, { reading, at, placeOf: (bytes) => placeOf(offset + unitsOf(text, bytes)) })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    left.push({ kind: 'statement', name, at, why: 'nested too deeply; write it with fewer levels' })
  }
}

/** The UTF-16 offset of a byte. */
function unitsOf(text: string, bytes: number): number {
  return Buffer.from(text.slice(0, bytes)).length === bytes ? bytes : Buffer.from(text).subarray(0, bytes).toString().length
}

type Parsed = { readonly nodes: readonly Node[] } | { readonly why: string; readonly offset: number }

/** Names in the quotes of MySQL are read like those of SQL. */
function parse(text: string): Parsed {
  try {
    const { stmts = [] } = parseSync(text.replaceAll('`', '"')) as { readonly stmts?: readonly { readonly stmt?: Node }[] }
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
