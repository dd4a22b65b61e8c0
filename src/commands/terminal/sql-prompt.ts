/** A small SQL prompt for machines without psql. */

import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { count } from './layout.ts'
import { splitStatements } from './split-statements.ts'

/** The result of one statement; cells are texts as PostgreSQL prints them, null for NULL. */
export interface SqlResult {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  /** What was done, and to how many rows: `UPDATE 3`. */
  readonly done: string
}

/** The terminal, or the files, that a prompt reads and writes. */
export interface PromptStreams {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
}

/**
 * How a prompt ended. A failed statement ends a file or a pipe, because later statements may depend on it, but not an interactive prompt.
 */
export type PromptEnd = { readonly kind: 'left' } | { readonly kind: 'failed'; readonly message: string }

const HELP = 'a statement ends with ;   \\dt lists tables   \\d TABLE shows its columns   \\q leaves'

const TABLES = `select table_schema as schema, table_name as table from information_schema.tables
  where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2`

/** The maximum number of shown rows; the others are counted. */
const MOST_ROWS = 1_000

/**
 * Reads statements, runs each with `query` and writes its result, until the input ends or `\q` is typed.
 *
 * @param query rejects with an error whose message is shown.
 */
export async function runSqlPrompt({ input, output }: PromptStreams, query: (text: string) => Promise<SqlResult>): Promise<PromptEnd> {
  const isTyped = input.isTTY === true
  const lines = createInterface({ input, output: isTyped ? output : undefined, terminal: isTyped, prompt: 'plinth=> ' })
  let rest = ''
  const ask = () => {
    if (!isTyped) return
    lines.setPrompt(rest.trim() === '' ? 'plinth=> ' : 'plinth-> ')
    lines.prompt()
  }
  // Ctrl-C deletes the input; on an empty line it ends the prompt.
  lines.on('SIGINT', () => {
    if (rest === '' && lines.line === '') return lines.close()
    rest = ''
    output.write('\n')
    ask()
  })
  if (isTyped) output.write(`${HELP}\n`)
  ask()
  for await (const line of lines) {
    if (rest.trim() === '' && line.trim() === '\\q') break
    const command = rest.trim() === '' ? commandOf(line.trim()) : null
    const split = command === null ? splitStatements(`${rest}${line}\n`) : { statements: [command], rest: '' }
    rest = split.rest
    const failed = await runAll(split.statements, output, query)
    if (failed !== null && !isTyped) return { kind: 'failed', message: failed }
    ask()
  }
  lines.close()
  // The last statement of a file needs no semicolon.
  const failed = isTyped || rest.trim() === '' ? null : await runAll([rest.trim()], output, query)
  return failed === null ? { kind: 'left' } : { kind: 'failed', message: failed }
}

/** The statement of a command that begins with a backslash; null for SQL. */
function commandOf(line: string): string | null {
  if (line === '\\dt') return TABLES
  const table = /^\\d\s+"?([^";\s]+)"?;?$/.exec(line)?.[1]
  if (table !== undefined) {
    const name = `'${table.replaceAll("'", "''")}'`
    return `select column_name as column, data_type as type, is_nullable as nullable, column_default as default
      from information_schema.columns where table_name = ${name} order by table_schema, ordinal_position`
  }
  return line.startsWith('\\') ? `select '${HELP.replaceAll("'", "''")}' as help` : null
}

/** Runs statements up to the first that fails. Returns its message; null when none fails. */
async function runAll(
  statements: readonly string[],
  output: Writable,
  query: (text: string) => Promise<SqlResult>,
): Promise<string | null> {
  for (const statement of statements) {
    try {
      output.write(`${resultText(await query(statement))}\n`)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      output.write(`error: ${message}\n`)
      return message
    }
  }
  return null
}

/** A result as a table with its columns aligned; NULL is empty. */
function resultText({ columns, rows, done }: SqlResult): string {
  if (columns.length === 0) return done
  const shown = rows.slice(0, MOST_ROWS).map((row) => row.map((cell) => cell ?? ''))
  const widths = columns.map((name, i) => Math.max(name.length, ...shown.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join(' | ')
      .trimEnd()
  const more = rows.length > shown.length ? `, the first ${shown.length} are shown` : ''
  return [
    line(columns),
    widths.map((width) => '-'.repeat(width)).join('-+-'),
    ...shown.map(line),
    `(${count(rows.length, 'row')}${more})`,
  ].join('\n')
}
