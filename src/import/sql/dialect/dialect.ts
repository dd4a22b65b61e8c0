/** Which database the SQL of a file was written for. */

/** A dialect of SQL. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite'

const POSTGRES =
  /::\s*[a-z]|\b(?:create\s+extension|timestamptz|jsonb|bytea|(?:big|small)?serial\s+(?:primary|not|,)|using\s+gi[ns]t?\b|language\s+plpgsql|owner\s+to)\b/i
const MYSQL = /`\w+`|\bengine\s*=\s*\w|\bauto_increment\b|\/\*!\d{5}|\bunsigned\b/i
const SQLITE =
  /\bautoincrement\b|^\s*pragma\s|\bwithout\s+rowid\b|\(\s*datetime\s*\(|\bstrftime\s*\(|\bdatetime\s*\(\s*'now'|create\s+table\s+(?:if\s+not\s+exists\s+)?\[|\binteger\s+(?:not\s+null\s+)?primary\s+key\b/im

/** The dialect of a text; PostgreSQL's unless the text has words that only another one has. */
export function dialectOf(text: string): Dialect {
  if (MYSQL.test(text)) return 'mysql'
  return SQLITE.test(text) && !POSTGRES.test(text) ? 'sqlite' : 'postgres'
}

/**
 * The text with the comments that MySQL executes, which begin with `/*!` and the number of a version, as code. No character moves.
 *
 * Source: MySQL reference manual, "Comments".
 */
export function withExecutedComments(text: string): string {
  return text.replaceAll(
    /(\/\*!\d{0,6})([\s\S]*?)(\*\/|$)/g,
    (_, start: string, inner: string, end: string) => `${' '.repeat(start.length)}${inner}${' '.repeat(end.length)}`,
  )
}
