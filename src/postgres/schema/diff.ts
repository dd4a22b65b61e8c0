/** What separates an actual schema from the desired one, as data. Compares what catalogues printed: both sides have been through PostgreSQL. */

import type { Database, DatabaseFunction, Table } from '../../model/database.ts'
import type { Change, TableChange } from './change.ts'
import { diffColumns, type Moved, movedColumns } from './diff-columns.ts'
import { type Context, diffConstraints, diffIndexes, standsOnMoved } from './diff-objects.ts'
import { type Owned, owns } from './plinth-objects.ts'

/**
 * The differences, in the order of the desired tables. `actual` has been renamed already (`findRenames`). What the design does not ask for is dropped only
 * if Plinth has made it (`owned`); anything else is not seen.
 */
export function diffDatabase(actual: Database, desired: Database, owned: Owned): readonly Change[] {
  const changes: Change[] = actual.missing === true ? [{ kind: 'create-schema' }] : []
  for (const made of desired.functions ?? []) if (!hasFunction(actual, made)) changes.push({ kind: 'create-function', function: made })
  const existing = new Map(actual.tables.map((table) => [table.name, table]))
  const wanted = new Set(desired.tables.map((table) => table.name))
  const columns = new Map<string, readonly TableChange[]>()
  for (const table of desired.tables) {
    const before = existing.get(table.name)
    if (before !== undefined) columns.set(table.name, diffColumns(before, table, owned))
  }
  const moved = movedColumns(columns)
  for (const table of desired.tables) {
    const before = existing.get(table.name)
    if (before === undefined) changes.push({ kind: 'create-table', table })
    else changes.push(...diffTable(before, table, { owned, moved, columns: columns.get(table.name) ?? [] }))
  }
  for (const table of actual.tables)
    if (!wanted.has(table.name) && owns(owned, { table: table.name })) changes.push(...leftBehind(table, moved))
  return changes
}

function hasFunction(database: Database, wanted: DatabaseFunction): boolean {
  return (database.functions ?? []).some(
    (f) => f.name === wanted.name && f.parameters === wanted.parameters && f.returns === wanted.returns && f.body === wanted.body,
  )
}

function diffTable(before: Table, after: Table, context: Context): readonly Change[] {
  return [...context.columns, ...diffConstraints(before, after, context), ...diffIndexes(before, after, context)]
}

/** A table that is to go, or stays; a foreign key to a column that changes its type is in the way of that in both cases. */
function leftBehind(table: Table, moved: Moved): readonly Change[] {
  const links = table.constraints.filter((constraint) => constraint.kind === 'foreign-key')
  const inTheWay = links.filter((link) => standsOnMoved(link, table.name, moved))
  const references = links.filter((link) => !inTheWay.includes(link)).map((link) => link.name)
  return [
    ...inTheWay.map((constraint): Change => ({ kind: 'drop-constraint', table: table.name, constraint })),
    { kind: 'drop-table', table: table.name, references },
  ]
}
