/** What separates an actual schema from the desired one, as data. Compares what catalogues printed: both sides have been through PostgreSQL. */

import type { Column, Constraint, Database, DatabaseFunction, Table, TableIndex } from '../model/database.ts'
import { diffColumns } from './diff-columns.ts'
import { diffConstraints, diffIndexes } from './diff-objects.ts'
import { type Owned, owns } from './owned.ts'

/** One difference. The names are those after all renames. */
export type Change =
  | { readonly kind: 'create-schema' }
  | { readonly kind: 'create-function'; readonly function: DatabaseFunction }
  | { readonly kind: 'create-table'; readonly table: Table }
  | { readonly kind: 'rename-table'; readonly from: string; readonly to: string }
  | { readonly kind: 'drop-table'; readonly table: string; readonly references: readonly string[] }
  | TableChange

/** A difference within a table that is there already. */
export type TableChange =
  | { readonly kind: 'rename-column'; readonly table: string; readonly from: string; readonly to: string }
  | { readonly kind: 'rename-constraint' | 'rename-index'; readonly table: string; readonly from: string; readonly to: string }
  | { readonly kind: 'add-column'; readonly table: string; readonly column: Column }
  /** `relax`: as long as it stays, it must accept rows that do not fill it. */
  | { readonly kind: 'drop-column'; readonly table: string; readonly column: string; readonly relax: boolean }
  /** A computed column is made anew: PostgreSQL cannot change its expression. `replaces` is true when it held plain values before. */
  | { readonly kind: 'recompute-column'; readonly table: string; readonly column: Column; readonly replaces: 'computed' | 'values' }
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

/**
 * The differences, in the order of the desired tables. `actual` has been renamed already (`findRenames`). What the design does not ask for is dropped only
 * if Plinth has made it (`owned`); anything else is not seen.
 */
export function diffDatabase(actual: Database, desired: Database, owned: Owned): readonly Change[] {
  const changes: Change[] = actual.missing === true ? [{ kind: 'create-schema' }] : []
  for (const made of desired.functions ?? []) if (!hasFunction(actual, made)) changes.push({ kind: 'create-function', function: made })
  const existing = new Map(actual.tables.map((table) => [table.name, table]))
  const wanted = new Set(desired.tables.map((table) => table.name))
  for (const table of desired.tables) {
    const before = existing.get(table.name)
    if (before === undefined) changes.push({ kind: 'create-table', table })
    else changes.push(...diffTable(before, table, owned))
  }
  for (const table of actual.tables) {
    if (wanted.has(table.name) || !owns(owned, { table: table.name })) continue
    const references = table.constraints.filter((constraint) => constraint.kind === 'foreign-key').map((constraint) => constraint.name)
    changes.push({ kind: 'drop-table', table: table.name, references })
  }
  return changes
}

function hasFunction(database: Database, wanted: DatabaseFunction): boolean {
  return (database.functions ?? []).some(
    (f) => f.name === wanted.name && f.parameters === wanted.parameters && f.returns === wanted.returns && f.body === wanted.body,
  )
}

function diffTable(before: Table, after: Table, owned: Owned): readonly Change[] {
  const columns = diffColumns(before, after, owned)
  const constraints = diffConstraints(before, after, { owned, columns })
  const indexes = diffIndexes(before, after, { owned, columns })
  return [...columns, ...constraints, ...indexes]
}
