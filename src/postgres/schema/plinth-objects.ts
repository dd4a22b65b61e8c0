/** What Plinth itself has made in a schema. Nothing else is dropped, and nothing else is altered unasked: a database may be shared with other software. */

import type { Database } from '../../model/database.ts'

/** By table: the names of its columns, constraints and indexes. */
export type Owned = ReadonlyMap<string, OwnedTable>

export interface OwnedTable {
  readonly columns: ReadonlySet<string>
  /** Constraints and indexes. */
  readonly objects: ReadonlySet<string>
}

/** One of Plinth's own tables, columns, constraints or indexes. */
export type OwnedName =
  | { readonly table: string }
  | { readonly table: string; readonly column: string }
  | { readonly table: string; readonly object: string }

export const NOTHING: Owned = new Map()

/** Ends of names that a migration gives to what it will have removed again by its end; left behind only by a run that was cut off. */
const PASSING = ['_plinth_required', '_plinth_retired'] as const

/** A name for something that lives only during a migration. It may be cut: it is told by its end. */
export function passingName(name: string, purpose: 'required' | 'retired'): string {
  const end = `_plinth_${purpose}`
  let front = name
  while (Buffer.byteLength(front + end, 'utf8') > 63) front = [...front].slice(0, -1).join('')
  return front + end
}

/** True for a name that only `passingName` gives. */
export function isPassing(name: string): boolean {
  return PASSING.some((end) => name.endsWith(end))
}

/** Whether Plinth made it. */
export function owns(owned: Owned, name: OwnedName): boolean {
  const table = owned.get(name.table)
  if (table === undefined) return false
  if ('column' in name) return table.columns.has(name.column)
  if ('object' in name) return table.objects.has(name.object) || isPassing(name.object)
  return true
}

/** Everything in a schema as Plinth's own: what is true of a desired one once it has been made. */
export function allOf(database: Database): Owned {
  return new Map(
    database.tables.map((table) => [
      table.name,
      {
        columns: new Set(table.columns.map((column) => column.name)),
        objects: new Set([...table.constraints, ...table.indexes].map((object) => object.name)),
      },
    ]),
  )
}

/** What either owns. */
export function union(a: Owned, b: Owned): Owned {
  const both = new Map(a)
  for (const [table, owned] of b) {
    const before = both.get(table)
    both.set(table, {
      columns: new Set([...(before?.columns ?? []), ...owned.columns]),
      objects: new Set([...(before?.objects ?? []), ...owned.objects]),
    })
  }
  return both
}

/** The part of a schema that Plinth has made; what others have added to it is left out. */
export function ownPart(actual: Database, owned: Owned): Database {
  const tables = actual.tables.filter((table) => owned.has(table.name))
  return {
    ...actual,
    tables: tables.map((table) => ({
      ...table,
      columns: table.columns.filter((column) => owns(owned, { table: table.name, column: column.name })),
      constraints: table.constraints.filter((constraint) => owns(owned, { table: table.name, object: constraint.name })),
      indexes: table.indexes.filter((index) => owns(owned, { table: table.name, object: index.name })),
    })),
  }
}

/** What of it is still there. */
export function within(owned: Owned, actual: Database): Owned {
  const there = allOf(actual)
  return new Map(
    [...owned].flatMap(([table, names]) => {
      const now = there.get(table)
      if (now === undefined) return []
      return [[table, { columns: common(names.columns, now.columns), objects: common(names.objects, now.objects) }] as const]
    }),
  )
}

function common(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((name) => b.has(name)))
}

/** As the record of migrations keeps it. */
export type OwnedRecord = Readonly<Record<string, { readonly columns: readonly string[]; readonly objects: readonly string[] }>>

/** To what JSON can hold, in a fixed order. */
export function ownedToRecord(owned: Owned): OwnedRecord {
  const tables = [...owned].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    tables.map(([table, names]) => [table, { columns: [...names.columns].sort(), objects: [...names.objects].sort() }]),
  )
}

/** Back from JSON. */
export function ownedFromRecord(record: OwnedRecord): Owned {
  return new Map(
    Object.entries(record).map(([table, names]) => [table, { columns: new Set(names.columns), objects: new Set(names.objects) }]),
  )
}
