/**
 * Writes CSV (RFC 4180): a header, cells between quotes where they need them, and CRLF after every row.
 *
 * Spreadsheets run a cell that begins like a formula. A text that does so gets an apostrophe in front, which spreadsheets read as "text"
 * (OWASP "CSV Injection"; CWE-1236; ASVS 1.2.10). Numbers of a numeric column are written as they are, negative ones too.
 */

import { isExactNumber } from '../number/exact-json.ts'

/** A column: its name in the header, and how its values are written. */
export interface CsvColumn {
  readonly name: string
  /** `number`: the digits. `text`: the text. `json`: any JSON value; lists and objects as JSON. */
  readonly kind: 'text' | 'number' | 'json'
}

/** The end of a row (RFC 4180 section 2.1). */
const CRLF = '\r\n'

/**
 * Writes a table.
 *
 * @param rows objects as `parseJson` gives them; a row of null, and a member that a row has not, become empty cells
 */
export function csvText(columns: readonly CsvColumn[], rows: readonly unknown[]): string {
  let text = lineOf(columns.map(({ name }) => textCell(name)))
  for (const row of rows) text += lineOf(columns.map((column) => cellOf(column, memberOf(row, column.name))))
  return text
}

function memberOf(row: unknown, name: string): unknown {
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, name)) return null
  return (row as Readonly<Record<string, unknown>>)[name]
}

/** A row of one empty cell would be an empty line, which many readers skip. */
function lineOf(cells: readonly string[]): string {
  return (cells.length === 1 && cells[0] === '' ? '""' : cells.join(',')) + CRLF
}

/** An absent value is an empty cell, an empty text `""`. */
function cellOf({ kind }: CsvColumn, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (kind !== 'text' && typeof value === 'number') return String(value)
  if (kind !== 'text' && isExactNumber(value)) return value.rawJSON
  if (kind === 'number' && typeof value === 'string' && DIGITS.test(value)) return value
  if (kind === 'json') return textCell(JSON.stringify(value))
  return textCell(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A decimal, which JSON has as a text. */
const DIGITS = /^-?\d+(?:\.\d+)?$/

/**
 * The beginnings of formulas in spreadsheets, also after spaces and in the wide forms of East Asian scripts, and characters of which some
 * spreadsheets take the rest as a new cell.
 */
const FORMULA = /^(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|[\t\r\n\0])/u

/** Characters that a cell has between quotes. Some spreadsheets divide cells at `;` or a tab. */
const QUOTED = /[",;\t\r\n]|^\s|\s$/

/** A text as one cell: quoted where needed, with an apostrophe in front if it begins like a formula. */
export function textCell(text: string): string {
  if (text === '') return '""'
  const plain = FORMULA.test(text) ? `'${text}` : text
  return QUOTED.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
