/**
 * A database schema as data: what the design asks for and what a catalogue holds are the same type, so a migration plan is a diff and can be
 * rehearsed on a scratch database and diffed to empty. Expressions are in PostgreSQL's own normal form (as its catalogue prints them) once compared.
 */

export interface Database {
  readonly schema: string
  readonly tables: readonly Table[]
}

export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  /** Primary key, unique, check and foreign key constraints. */
  readonly constraints: readonly Constraint[]
  /** Indexes that no constraint owns. */
  readonly indexes: readonly TableIndex[]
  /** The table's former name in the design; empty in an actual database. */
  readonly was?: string
}

export interface Column {
  readonly name: string
  /** As `format_type` prints it. */
  readonly type: string
  readonly nullable: boolean
  /** Default expression; null when there is none. */
  readonly default: string | null
  /** `generated always as (…) stored`; null for plain columns. */
  readonly generated: string | null
  readonly identity: boolean
  readonly was?: string
}

export type Constraint =
  | { readonly kind: 'primary-key'; readonly name: string; readonly columns: readonly string[] }
  | { readonly kind: 'unique'; readonly name: string; readonly columns: readonly string[] }
  | { readonly kind: 'check'; readonly name: string; readonly expression: string }
  | {
      readonly kind: 'foreign-key'
      readonly name: string
      readonly columns: readonly string[]
      readonly table: string
      readonly references: readonly string[]
      readonly onDelete: 'no action' | 'restrict' | 'cascade' | 'set null'
    }

export interface TableIndex {
  readonly name: string
  readonly method: 'btree' | 'gin'
  /** Column names or expressions with direction, as `pg_get_indexdef` prints each. */
  readonly parts: readonly string[]
  readonly unique: boolean
  /** Predicate of a partial index; null when it covers all rows. */
  readonly where: string | null
}
