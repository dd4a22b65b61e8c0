/** The tables of a backup, and how their rows are read. */

import { databasesOf } from '../../../embed/databases.ts'
import { SYSTEM_SCHEMA, type Table } from '../../../model/database.ts'
import type { Model } from '../../../model/model.ts'

/** A table of a backup. */
export interface BackupTable {
  readonly schema: string
  readonly name: string
  /** The columns that have values of their own: computed ones are computed again. */
  readonly columns: readonly string[]
  /** The query that reads the rows, in a fixed order. */
  readonly query: string
  /** The same without columns that mean something on one server alone. */
  readonly compared: string
  /** The column whose numbers the database gives; null for none. */
  readonly identity: string | null
}

/** Tables about processes that run now, and about migrations of one database. */
const LEFT_OUT = new Set(['migrations', 'workers', 'broker_receivers'])

/**
 * Columns of Plinth's tables whose values mean something on one server or to one process alone, and what a backup has in their place. Ids
 * of transactions become 1 for events that were delivered and 2 for those that were not: a restore gives them ids of its own.
 */
const IN_PLACE: Readonly<Record<string, string>> = {
  'events.xid': `case when exists (select from plinth.event_consumers c where pg_visible_in_snapshot(t.xid, c.seen)
    or (c.target is not null and pg_visible_in_snapshot(t.xid, c.target) and t.id <= c.last)) then '1'::xid8 else '2'::xid8 end`,
  'event_consumers.seen': `'1:1:'::pg_snapshot`,
  'event_consumers.target': 'null::pg_snapshot',
  'event_consumers.last': '0',
  'event_consumers.until': '0',
  'event_consumers.floor': '0',
  'event_consumers.holder': 'null::uuid',
  'event_consumers.held_until': 'null::timestamptz',
  'jobs.worker': 'null::uuid',
}

/** The tables of a design's database, Plinth's own first. */
export function backupTables(model: Model): readonly BackupTable[] {
  return databasesOf(model).flatMap(({ schema, tables }) =>
    tables.filter(({ name }) => schema !== SYSTEM_SCHEMA || !LEFT_OUT.has(name)).map((table) => backupTable(schema, table)),
  )
}

function backupTable(schema: string, table: Table): BackupTable {
  const columns = table.columns.filter(({ generated }) => generated === null).map(({ name }) => name)
  const placeOf = (column: string): string | undefined => (schema === SYSTEM_SCHEMA ? IN_PLACE[`${table.name}.${column}`] : undefined)
  const read = (names: readonly string[]): string => {
    const values = names.map((name) => placeOf(name) ?? `t.${quotedName(name)}`)
    return `select ${values.join(', ')} from ${qualified({ schema, name: table.name })} t order by ${orderOf(table)}`
  }
  return {
    schema,
    name: table.name,
    columns,
    query: read(columns),
    compared: read(columns.filter((name) => placeOf(name) === undefined)),
    identity: table.columns.find(({ identity }) => identity)?.name ?? null,
  }
}

/** The primary key; the log of events has none, and its numbers are unique. */
function orderOf({ constraints }: Table): string {
  const key = constraints.find(({ kind }) => kind === 'primary-key')
  const columns = key !== undefined && 'columns' in key ? key.columns : ['id']
  return columns.map((column) => `t.${quotedName(column)}`).join(', ')
}

/** A name as SQL. Names are those of the design and of Plinth. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The name of a table with its schema. */
export function qualified({ schema, name }: Pick<BackupTable, 'schema' | 'name'>): string {
  return `${quotedName(schema)}.${quotedName(name)}`
}
