/**
 * A database schema as data. The desired schema and the schema in a catalogue have the same type, so a migration plan is the difference of
 * the two. After a rehearsal on a scratch database, the difference must be empty. Compared expressions are in PostgreSQL's own normal form,
 * as its catalogue prints them.
 */

/** A schema of a database. */
export interface Database {
  readonly schema: string
  readonly tables: readonly Table[]
  /** Functions that constraints call; only Plinth's own schema has any. */
  readonly functions?: readonly DatabaseFunction[]
  /** The schema itself does not exist yet. */
  readonly missing?: true
}

/** Plinth's own schema. */
export const SYSTEM_SCHEMA = 'plinth'

/** The table of Plinth's schema with the last number of each sequence and scope. */
export const COUNTERS_TABLE = 'counters'

/** The table of Plinth's schema that logs events. Of its parts, one for each day, seven are kept, one is written and one is empty. */
export const EVENTS_TABLE = 'events'
/** The number of its parts. */
export const LOG_PARTS = 9
/** The sequence of the numbers of events. It belongs to the identity column of `event_numbers`, which has no rows. */
export const EVENT_NUMBERS = `${SYSTEM_SCHEMA}.event_numbers_id_seq`

/**
 * The setting of a transaction of a reaction or a job: how many reactions and jobs are between it and the request that began them, with
 * itself. No other transaction has it.
 */
export const DEPTH_SETTING = `${SYSTEM_SCHEMA}.depth`
/** Its value as a `smallint`, as SQL in the form of the catalogue; null for a request. A setting that was local is empty afterwards. */
export const DEPTH_NOW = `(NULLIF(current_setting('${DEPTH_SETTING}'::text, true), ''::text))::smallint`

/** The setting of a transaction that encrypts values again. Its updates are no changes of rows, so they log no events. */
export const ROTATING_SETTING = `${SYSTEM_SCHEMA}.rotating`

/** Functions of Plinth's schema that examine a list, for check constraints and generated columns, which cannot do so themselves. */
export const ITEM_FUNCTIONS = { shortest: 'shortest_item', longest: 'longest_item', match: 'items_match', joined: 'joined_items' } as const

/** The trigger function in Plinth's schema, and the name of its trigger on tables. */
export const RAISE_VERSION = { function: 'raise_version', trigger: 'plinth_raise_version' } as const

/** The trigger function in Plinth's schema that logs events, and the names of its triggers on tables, by the write that they follow. */
export const LOG_EVENTS = {
  function: 'log_events',
  triggers: { insert: 'plinth_log_insert', update: 'plinth_log_update', delete: 'plinth_log_delete' },
} as const

/**
 * The trigger function in Plinth's schema that keeps the table of files in step with the rows, and the names of its triggers on tables: one
 * takes uploads, one lets files go whose rows are deleted.
 */
export const KEEP_FILES = { function: 'keep_files', triggers: { take: 'plinth_take_files', release: 'plinth_release_files' } } as const

/** The table of Plinth's schema with a row for each file and each upload. */
export const FILES_TABLE = 'files'

/** A write whose rows a trigger logs as events, and the arguments of the trigger. */
export interface LoggedWrite {
  readonly write: keyof typeof LOG_EVENTS.triggers
  readonly arguments: readonly string[]
}

/**
 * A function: in SQL, immutable and strict, or in PL/pgSQL if it returns `trigger`. It is replaced when its body changes, never dropped.
 */
export interface DatabaseFunction {
  readonly name: string
  /** `items text[], pattern text`, as `pg_get_function_arguments` prints it. */
  readonly parameters: string
  readonly returns: string
  readonly body: string
}

/** A table. */
export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  /** Primary key, unique, check and foreign key constraints. */
  readonly constraints: readonly Constraint[]
  /** Indexes that no constraint owns. */
  readonly indexes: readonly TableIndex[]
  /**
   * Columns that the database sets to null when the referenced row is deleted. A trigger then raises the version of the row. Absent when
   * there are no such columns.
   */
  readonly nulled?: readonly string[]
  /** The writes that triggers log as events. Absent when there are none. */
  readonly logged?: readonly LoggedWrite[]
  /** The arguments of the triggers that keep files: entity, column of the id, then column and field of each file. Absent for no files. */
  readonly files?: readonly string[]
  /** Parts of the table by the value of a column, from 0; only in a desired database. A table of the catalogue may have others. */
  readonly partitions?: { readonly by: string; readonly count: number }
  /** Possible former names of the table, most likely first; only in a desired database. */
  readonly was?: readonly string[]
}

/** A column of a table. */
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
  /** Possible former names of the column, most likely first; only in a desired database. */
  readonly was?: readonly string[]
  /** The server numbers the rows, separately for each value of the column `within`; only in a desired database. */
  readonly numbered?: { readonly within: string | null; readonly order: readonly string[] }
  /** Only requests fill the column in, because its default depends on the caller; only in a desired database. */
  readonly filledBy?: 'requests'
  /** Columns that a generated column reads; known only for an actual database. */
  readonly uses?: readonly string[]
}

/** A constraint of a table. */
export type Constraint =
  | { readonly kind: 'primary-key'; readonly name: string; readonly columns: readonly string[] }
  | { readonly kind: 'unique'; readonly name: string; readonly columns: readonly string[] }
  | {
      readonly kind: 'check'
      readonly name: string
      readonly expression: string
      /** Columns that the constraint reads; known only for an actual database. */
      readonly uses?: readonly string[]
      /** Added but not yet validated for the existing rows. */
      readonly unvalidated?: true
      /** The check of an acyclic reference of the table to itself; only in a desired database. */
      readonly tree?: Tree
    }
  | {
      readonly kind: 'foreign-key'
      readonly name: string
      readonly columns: readonly string[]
      readonly table: string
      readonly references: readonly string[]
      readonly onDelete: 'no action' | 'restrict' | 'cascade' | 'set null'
      readonly unvalidated?: true
    }

/** The columns of a table whose rows form trees: `parent` refers to `id`. */
export interface Tree {
  readonly id: string
  readonly parent: string
}

/** An index of a table that no constraint owns. */
export interface TableIndex {
  readonly name: string
  readonly method: 'btree' | 'gin'
  /**
   * Quoted column names, or expressions as `pg_get_indexdef` prints them; then an operator class that is not
   * the default, then the direction.
   */
  readonly parts: readonly string[]
  readonly unique: boolean
  /** Predicate of a partial index; null when it covers all rows. */
  readonly where: string | null
  /** Columns that the index depends on; known only for an actual database. */
  readonly uses?: readonly string[]
  /** Left behind by a `create index concurrently` that did not finish; PostgreSQL does not use it, and it must be made again. */
  readonly invalid?: true
}
