/** Finds and applies the renames that a design asks for with `was`. They come before any other comparison. */

import type { Constraint, Database, Table } from '../../model/database.ts'
import type { Change } from './change.ts'
import type { PlinthObjects, TableObjects } from './plinth-objects.ts'

/** The rename of a table or a column. */
export type Rename = Extract<Change, { readonly kind: 'rename-table' | 'rename-column' }>

interface Named {
  readonly name: string
  readonly was?: readonly string[]
}

/**
 * Returns the renames to do, in an order in which each new name is free: tables first, then columns under the new names of their tables. A
 * rename that was done already (the new name exists) is left out, so `was` may stay in the design.
 */
export function findRenames(actual: Database, desired: Database): readonly Rename[] {
  const tables = pairs(desired.tables, names(actual.tables)).map(({ from, to }): Rename => ({ kind: 'rename-table', from, to }))
  const renamed = applyRenames(actual, tables)
  const columns = desired.tables.flatMap((table) => {
    const before = renamed.tables.find((other) => other.name === table.name)
    if (before === undefined) return []
    return pairs(table.columns, names(before.columns)).map(
      ({ from, to }): Rename => ({ kind: 'rename-column', table: table.name, from, to }),
    )
  })
  return [...tables, ...columns]
}

function names(things: readonly Named[]): ReadonlySet<string> {
  return new Set(things.map((thing) => thing.name))
}

/**
 * Pairs old and new names, in an order in which each new name is free. `b was a, c was b` gives b to c, then a to b. `a was b, b was a`
 * gives nothing, because a swap that was done already looks the same.
 */
function pairs(wanted: readonly Named[], there: ReadonlySet<string>): readonly { readonly from: string; readonly to: string }[] {
  const now = new Set(there)
  const done: { from: string; to: string }[] = []
  const sources = new Set<string>()
  for (let before = -1; before !== done.length; ) {
    before = done.length
    for (const { name: to, was } of wanted) {
      const from = was?.find((old) => there.has(old) && !sources.has(old) && old !== to)
      if (from === undefined || now.has(to) || done.some((pair) => pair.to === to)) continue
      now.delete(from)
      now.add(to)
      sources.add(from)
      done.push({ from, to })
    }
  }
  return done
}

/**
 * Renames tables and columns in a schema. Expressions keep the old names: compare only expressions that the catalogue printed after the
 * rename.
 */
export function applyRenames(database: Database, renames: readonly Rename[]): Database {
  return {
    ...database,
    tables: renames.reduce<readonly Table[]>((tables, rename) => tables.map((table) => renameIn(table, rename)), database.tables),
  }
}

function renameIn(table: Table, rename: Rename): Table {
  if (rename.kind === 'rename-table') {
    const constraints = table.constraints.map(
      (constraint): Constraint =>
        constraint.kind === 'foreign-key' && constraint.table === rename.from ? { ...constraint, table: rename.to } : constraint,
    )
    return { ...table, name: table.name === rename.from ? rename.to : table.name, constraints }
  }
  if (table.name !== rename.table) return table
  return { ...table, columns: table.columns.map((column) => (column.name === rename.from ? { ...column, name: rename.to } : column)) }
}

/** Renames tables and columns in the objects that Plinth created. */
export function renameObjects(owned: PlinthObjects, renames: readonly Rename[]): PlinthObjects {
  return renames.reduce<PlinthObjects>((all, rename) => {
    const next = new Map<string, TableObjects>()
    for (const [table, names] of all) {
      if (rename.kind === 'rename-table') next.set(table === rename.from ? rename.to : table, names)
      else if (table !== rename.table || !names.columns.has(rename.from)) next.set(table, names)
      else next.set(table, { ...names, columns: new Set([...names.columns].map((name) => (name === rename.from ? rename.to : name))) })
    }
    return next
  }, owned)
}
