/** Differences between two schemas, as data. */

import type { Column, Constraint, DatabaseFunction, LoggedWrite, Table, TableIndex } from '../../model/database.ts'

/** One difference. The names are those after all renames. */
export type Change =
  | { readonly kind: 'create-schema' }
  | { readonly kind: 'create-function'; readonly function: DatabaseFunction }
  | { readonly kind: 'create-table'; readonly table: Table }
  | { readonly kind: 'rename-table'; readonly from: string; readonly to: string }
  | { readonly kind: 'drop-table'; readonly table: string; readonly columns: readonly string[]; readonly references: readonly string[] }
  | TableChange

/** A difference within an existing table. */
export type TableChange =
  | { readonly kind: 'rename-column'; readonly table: string; readonly from: string; readonly to: string }
  | { readonly kind: 'rename-constraint' | 'rename-index'; readonly table: string; readonly from: string; readonly to: string }
  | { readonly kind: 'add-column'; readonly table: string; readonly column: Column }
  /** `relax`: if the column stays, it must become optional. */
  | {
      readonly kind: 'drop-column'
      readonly table: string
      readonly column: string
      readonly type: string
      readonly relax: boolean
      /** A column that exists already and that the design calls the new name of this one; null when there is none. */
      readonly successor: string | null
    }
  /**
   * Drops the column and adds it again: a computed one with another expression (values are computed again), or one whose values cannot be
   * converted.
   */
  | { readonly kind: 'remake-column'; readonly table: string; readonly column: Column; readonly replaces: 'computed' | 'values' }
  | { readonly kind: 'keep-computed-values'; readonly table: string; readonly column: string }
  | { readonly kind: 'change-type'; readonly table: string; readonly from: Column; readonly to: Column }
  | { readonly kind: 'set-default'; readonly table: string; readonly column: string; readonly default: string | null }
  | { readonly kind: 'set-identity'; readonly table: string; readonly column: string; readonly identity: boolean }
  | { readonly kind: 'require'; readonly table: string; readonly column: string }
  | { readonly kind: 'allow-null'; readonly table: string; readonly column: string }
  | { readonly kind: 'add-constraint'; readonly table: string; readonly constraint: Constraint }
  | { readonly kind: 'validate-constraint'; readonly table: string; readonly constraint: Constraint }
  | { readonly kind: 'drop-constraint'; readonly table: string; readonly constraint: Constraint }
  | { readonly kind: 'add-index'; readonly table: string; readonly index: TableIndex }
  | { readonly kind: 'drop-index'; readonly table: string; readonly index: TableIndex }
  /** The columns for which the trigger raises the version of a row; without any, there is no trigger. */
  | { readonly kind: 'set-trigger'; readonly table: string; readonly columns: readonly string[] }
  /** The arguments of the triggers that keep files; without any, there are no triggers. */
  | { readonly kind: 'set-files'; readonly table: string; readonly arguments: readonly string[] }
  /** The triggers of a table that log events, and the writes whose triggers are dropped. */
  | {
      readonly kind: 'set-log'
      readonly table: string
      readonly logged: readonly LoggedWrite[]
      readonly dropped: readonly LoggedWrite['write'][]
    }
