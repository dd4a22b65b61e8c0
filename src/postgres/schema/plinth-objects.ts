/**
 * The objects that Plinth created in a schema. Plinth drops no others, and alters others only when allowed: other software may use the
 * database too.
 */

import type { Database } from '../../model/database.ts'

/** The names of the columns, constraints and indexes that Plinth created, by table. */
export type PlinthObjects = ReadonlyMap<string, TableObjects>

/** The objects of one table. */
export interface TableObjects {
  readonly columns: ReadonlySet<string>
  /** Constraints and indexes. */
  readonly objects: ReadonlySet<string>
}

/** The name of a table, a column, or a constraint or index. */
type ObjectName =
  | { readonly table: string }
  | { readonly table: string; readonly column: string }
  | { readonly table: string; readonly object: string }

/** No objects. */
export const NO_OBJECTS: PlinthObjects = new Map()

/** Suffixes of the names of temporary objects. A migration removes them at its end; only an interrupted run leaves them. */
const TEMPORARY = ['_plinth_required', '_plinth_retired'] as const

/** Names an object that exists only during a migration: `name`, cut to fit 63 bytes, and a suffix. */
export function temporaryName(name: string, purpose: 'required' | 'retired'): string {
  const end = `_plinth_${purpose}`
  let front = name
  while (Buffer.byteLength(front + end, 'utf8') > 63) front = [...front].slice(0, -1).join('')
  return front + end
}

/** Whether `temporaryName` made the name. */
function isTemporary(name: string): boolean {
  return TEMPORARY.some((end) => name.endsWith(end))
}

/** Whether Plinth created the object. */
export function owns(owned: PlinthObjects, name: ObjectName): boolean {
  const table = owned.get(name.table)
  if (table === undefined) return false
  if ('column' in name) return table.columns.has(name.column)
  if ('object' in name) return table.objects.has(name.object) || isTemporary(name.object)
  return true
}

/** Returns all objects of a schema: those that Plinth owns after it has created the schema. */
export function allObjects(database: Database): PlinthObjects {
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

/** Returns the objects that are in `a` or in `b`. */
export function mergeObjects(a: PlinthObjects, b: PlinthObjects): PlinthObjects {
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

/** Returns the part of a schema that Plinth created, without objects that others have added. */
export function plinthPart(actual: Database, owned: PlinthObjects): Database {
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

/** Returns the objects that still exist in `actual`. */
export function presentObjects(owned: PlinthObjects, actual: Database): PlinthObjects {
  const there = allObjects(actual)
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

/** The objects as JSON, in the record of migrations. */
export type PlinthObjectsRecord = Readonly<Record<string, { readonly columns: readonly string[]; readonly objects: readonly string[] }>>

/** Converts objects to JSON, sorted. */
export function objectsToRecord(owned: PlinthObjects): PlinthObjectsRecord {
  const tables = [...owned].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    tables.map(([table, names]) => [table, { columns: [...names.columns].sort(), objects: [...names.objects].sort() }]),
  )
}

/** Converts objects from JSON. */
export function objectsFromRecord(record: PlinthObjectsRecord): PlinthObjects {
  return new Map(
    Object.entries(record).map(([table, names]) => [table, { columns: new Set(names.columns), objects: new Set(names.objects) }]),
  )
}
