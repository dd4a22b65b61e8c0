/** The differences between the columns of one table. */

import type { Column, Table } from '../../model/database.ts'
import type { TableChange } from './change.ts'
import { conversionOf } from './conversions.ts'
import { owns, type PlinthObjects } from './plinth-objects.ts'

/** Compares columns: changes in the order of the desired columns, then columns to drop. The order of columns within a table is ignored. */
export function diffColumns(before: Table, after: Table, owned: PlinthObjects): readonly TableChange[] {
  const table = after.name
  const existing = new Map(before.columns.map((column) => [column.name, column]))
  const wanted = new Set(after.columns.map((column) => column.name))
  const retyped = new Set<string>()
  const changes: TableChange[] = []
  for (const column of after.columns) {
    const old = existing.get(column.name)
    if (old === undefined) changes.push({ kind: 'add-column', table, column })
    else if (column.generated === null && old.type !== column.type) retyped.add(column.name)
  }
  const gone = before.columns.filter((column) => !wanted.has(column.name) && owns(owned, { table, column: column.name }))
  // Otherwise a computed column that is no longer in the design would keep PostgreSQL from changing the columns that it reads.
  const kept = new Set(gone.filter((column) => column.generated !== null && readsSome(column, retyped)))
  for (const { name } of kept) changes.push({ kind: 'keep-computed-values', table, column: name })
  for (const column of after.columns) {
    const old = existing.get(column.name)
    if (old !== undefined) changes.push(...diffColumn(table, { old, column, retyped }))
  }
  // A column cannot be dropped before the computed columns that read it.
  const isRead = ({ name }: Column): number => Number(gone.some((column) => readsSome(column, new Set([name]))))
  for (const column of [...gone].sort((a, b) => isRead(a) - isRead(b))) {
    const filled = column.default !== null || (column.generated !== null && !kept.has(column)) || column.identity
    const successor = after.columns.find(({ name, was }) => existing.has(name) && was?.includes(column.name))?.name ?? null
    changes.push({ kind: 'drop-column', table, column: column.name, type: column.type, relax: !column.nullable && !filled, successor })
  }
  return changes
}

function readsSome(computed: Column, names: ReadonlySet<string>): boolean {
  return [...(computed.uses ?? [])].some((name) => names.has(name))
}

/** Returns the names of the columns that are dropped and added again; objects that use them are dropped with them. */
export function lostColumns(changes: readonly TableChange[]): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => (change.kind === 'remake-column' ? [change.column.name] : [])))
}

/** The columns whose type changes, or that are dropped and added again, by table. */
export type Moved = ReadonlyMap<string, ReadonlySet<string>>

/** Collects moved columns from the column changes of each table. */
export function movedColumns(columns: ReadonlyMap<string, readonly TableChange[]>): Moved {
  const name = (change: TableChange): readonly string[] => {
    if (change.kind === 'change-type') return [change.to.name]
    return change.kind === 'remake-column' ? [change.column.name] : []
  }
  return new Map([...columns].map(([table, changes]) => [table, new Set(changes.flatMap(name))]))
}

interface Pair {
  readonly old: Column
  readonly column: Column
  readonly retyped: ReadonlySet<string>
}

function diffColumn(table: string, { old, column, retyped }: Pair): readonly TableChange[] {
  if (column.generated !== null) return diffComputed(table, { old, column, retyped })
  const changes: TableChange[] = []
  if (old.generated !== null) changes.push({ kind: 'keep-computed-values', table, column: column.name })
  if (retyped.has(column.name)) {
    if (conversionOf(old.type, column.type).kind === 'impossible') return [{ kind: 'remake-column', table, column, replaces: 'values' }]
    // a change of type includes the default
    changes.push({ kind: 'change-type', table, from: old, to: column })
  } else if (old.default !== column.default) changes.push({ kind: 'set-default', table, column: column.name, default: column.default })
  if (old.identity !== column.identity) changes.push({ kind: 'set-identity', table, column: column.name, identity: column.identity })
  return [...changes, ...diffNull(table, old, column)]
}

function diffComputed(table: string, { old, column, retyped }: Pair): readonly TableChange[] {
  // PostgreSQL refuses to change the type of a column that a computed column reads
  if (old.generated !== column.generated || old.type !== column.type || readsSome(old, retyped)) {
    return [{ kind: 'remake-column', table, column, replaces: old.generated === null ? 'values' : 'computed' }]
  }
  return diffNull(table, old, column)
}

function diffNull(table: string, old: Column, column: Column): readonly TableChange[] {
  if (old.nullable === column.nullable) return []
  return [{ kind: column.nullable ? 'allow-null' : 'require', table, column: column.name }]
}
