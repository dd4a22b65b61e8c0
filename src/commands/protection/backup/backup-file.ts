/**
 * The file of a backup, compressed by gzip: a line of JSON about the backup; for each table a line with its name and columns, its rows as
 * COPY writes them, the line `\.` and a line with the count and hash of the rows; and a last line with the numbers that were given.
 */

/** The first line. */
export interface BackupHead {
  readonly plinth: 'backup'
  readonly format: 1
  readonly version: string
  readonly backend: string
  /** The hash of the schema, which the design of a restore must have. */
  readonly schemaHash: string
  /** The moment of the snapshot: all that was committed before is in the backup, and nothing that was committed later. */
  readonly moment: string
}

/** The line before the rows of a table. */
export interface TableHead {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
}

/** The line after the rows of a table. */
export interface TableEnd {
  readonly rows: number
  /** SHA-256 of the rows, in the order of the primary key, without columns that a restore changes. */
  readonly sha256: string
}

/** The last line: the last number of each identity column, by `schema.table`. */
export interface BackupEnd {
  readonly numbers: Readonly<Record<string, string>>
}

/** The line that ends the rows of a table. No row is like it, since COPY writes a backslash twice. */
export const END_OF_ROWS = '\\.'
