/** Compares an actual schema with the desired one. Both sides are as catalogues print them. */

import { isDeepStrictEqual } from 'node:util'
import type { Database, DatabaseFunction, Table } from '../../model/database.ts'
import type { Change, TableChange } from './change.ts'
import { diffColumns, type Moved, movedColumns } from './diff-columns.ts'
import { diffConstraints, diffIndexes, type ObjectContext, usesMoved } from './diff-objects.ts'
import { owns, type PlinthObjects } from './plinth-objects.ts'

/**
 * Returns the differences, in the order of the desired tables. `actual` is renamed already (`findRenames`). Objects that the design does
 * not have are dropped only if Plinth created them (`owned`); others are ignored.
 */
export function diffDatabase(actual: Database, desired: Database, owned: PlinthObjects): readonly Change[] {
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
    if (!wanted.has(table.name) && owns(owned, { table: table.name })) changes.push(...dropChanges(table, moved))
  return changes
}

function hasFunction(database: Database, wanted: DatabaseFunction): boolean {
  return (database.functions ?? []).some(
    (f) => f.name === wanted.name && f.parameters === wanted.parameters && f.returns === wanted.returns && f.body === wanted.body,
  )
}

function diffTable(before: Table, after: Table, context: ObjectContext): readonly Change[] {
  return [
    ...context.columns,
    ...diffConstraints(before, after, context),
    ...diffIndexes(before, after, context),
    ...diffTrigger(before, after),
    ...diffLog(before, after),
    ...diffFiles(before, after),
  ]
}

/** The trigger contains the names of its columns as text, so it is created again after a rename. */
function diffTrigger(before: Table, after: Table): readonly TableChange[] {
  const columns = after.nulled ?? []
  return isDeepStrictEqual(before.nulled ?? [], columns) ? [] : [{ kind: 'set-trigger', table: after.name, columns }]
}

/** The order of the writes does not matter. */
function diffLog(before: Table, after: Table): readonly TableChange[] {
  const byWrite = ({ logged = [] }: Table) => Object.fromEntries(logged.map((one) => [one.write, one.arguments]))
  if (isDeepStrictEqual(byWrite(before), byWrite(after))) return []
  const { logged = [] } = after
  const dropped = (before.logged ?? []).flatMap(({ write }) => (logged.some((one) => one.write === write) ? [] : [write]))
  return [{ kind: 'set-log', table: after.name, logged, dropped }]
}

/** The triggers contain the names of columns as text, so they are created again after a rename. */
function diffFiles(before: Table, after: Table): readonly TableChange[] {
  const given = after.files ?? []
  return isDeepStrictEqual(before.files ?? [], given) ? [] : [{ kind: 'set-files', table: after.name, arguments: given }]
}

/** Changes for a table that the design no longer has. A foreign key to a moved column must be dropped even if the table stays. */
function dropChanges(table: Table, moved: Moved): readonly Change[] {
  const links = table.constraints.filter((constraint) => constraint.kind === 'foreign-key')
  const inTheWay = links.filter((link) => usesMoved(link, table.name, moved))
  const references = links.filter((link) => !inTheWay.includes(link)).map((link) => link.name)
  return [
    ...inTheWay.map((constraint): Change => ({ kind: 'drop-constraint', table: table.name, constraint })),
    { kind: 'drop-table', table: table.name, columns: table.columns.map(({ name }) => name), references },
  ]
}
