/** What separates an actual schema from the desired one, as data. Compares what catalogues printed: both sides have been through PostgreSQL. */

import type { Database, DatabaseFunction, Table } from '../model/database.ts'
import type { Change } from './change.ts'
import { diffColumns } from './diff-columns.ts'
import { diffConstraints, diffIndexes } from './diff-objects.ts'
import { type Owned, owns } from './owned.ts'

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
