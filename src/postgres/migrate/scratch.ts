/**
 * Empty tables of a design, in a schema that is never committed, with simulated statistics: the planner plans as if they had the given
 * numbers of rows. So plans can be judged at sizes that no database has yet. Reasons: docs/decisions/0016.
 */

import type { Database, Table, TableIndex } from '../../model/database.ts'
import { type Connection, withClient } from '../connect.ts'
import { explain, type PlanNode } from '../explain.ts'
import { readDatabase } from '../schema/catalog.ts'
import { columnDefinition, columnList, constraintDefinition, createIndex, quoted } from '../schema/ddl.ts'
import { rehearseMissing } from './rehearse.ts'

/** Statistics of a column for the planner. */
export interface ColumnStatistics {
  readonly column: string
  /** Number of different values; negative: as a fraction of the rows (`-1`: all different), as in `pg_stats`. */
  readonly distinct: number
  /** The fraction of the rows in which it is null. */
  readonly nullPart: number
}

/** The scratch tables, lent to a callback. */
export interface Scratch {
  /** The server's version: `18.4`. */
  readonly server: string
  setRows(table: string, rows: number): Promise<void>
  setStatistics(table: string, columns: readonly ColumnStatistics[]): Promise<void>
  /** Generic plans at the sizes that were set, in the order of the statements. */
  explain(statements: readonly string[]): Promise<readonly PlanNode[]>
  /** Adds an index while `work` runs. `work` must not change sizes. */
  withIndex<T>(table: string, index: TableIndex, work: () => Promise<T>): Promise<T>
}

/** The first version with `pg_restore_relation_stats`. */
const OLDEST_SERVER = 180_000

const SCRATCH = 'plinth_scratch'

/**
 * Builds the tables of `design` (and the functions and missing tables of `system`), lends them to `work` and rolls everything back.
 * Resolves with null on a server older than PostgreSQL 18, where statistics cannot be set.
 *
 * @throws EnvironmentError when the server cannot be used; the driver's error when the role may not create a schema.
 */
export async function withScratch<T>(
  url: string,
  databases: { readonly system: Database; readonly design: Database },
  work: (scratch: Scratch) => Promise<T>,
): Promise<T | null> {
  return withClient(url, async (client) => {
    const [server] = (await client.query<Server>(SERVER)).rows
    if (server === undefined || server.number < OLDEST_SERVER) return null
    await client.query('begin')
    try {
      await lendOwn(client, databases.system)
      await build(client, databases.design.tables)
      return await work(scratchOver(client, server.version))
    } finally {
      await client.query('rollback').catch(() => {})
    }
  })
}

interface Server {
  readonly number: number
  readonly version: string
}

const SERVER = `select current_setting('server_version_num')::integer as number,
  substring(current_setting('server_version') from '^[^ ]+') as version`

async function lendOwn(client: Connection, system: Database): Promise<void> {
  const names = system.tables.map(({ name }) => name)
  await rehearseMissing(client, { actual: await readDatabase(client, system.schema, names), desired: system })
}

/**
 * The planner treats an empty file as an empty table, even against the statistics, and file sizes cannot be simulated. So each table and
 * index gets its first page from a row that is inserted and deleted before any constraint exists. Checks are left out: no plan depends on
 * them.
 */
async function build(client: Connection, tables: readonly Table[]): Promise<void> {
  const present = new Set(tables.map((table) => table.name))
  const statements = [
    `create schema ${quoted(SCRATCH)}`,
    `set local search_path = ${quoted(SCRATCH)}, public`,
    ...tables.flatMap(tableStatements),
    ...tables.flatMap((table) =>
      table.constraints
        .filter((constraint) => constraint.kind === 'foreign-key' && present.has(constraint.table))
        .map((constraint) => `alter table ${quoted(SCRATCH, table.name)} add ${constraintDefinition(SCRATCH, constraint)}`),
    ),
  ]
  await client.query(statements.join(';\n'))
}

/** Inserts nulls where possible: with defaults, a computed field could exceed its type. */
function firstRow(table: Table): string {
  const open = table.columns.filter((column) => column.generated === null && !column.identity).map((column) => column.name)
  const name = quoted(SCRATCH, table.name)
  return open.length === 0
    ? `insert into ${name} default values`
    : `insert into ${name} ${columnList(open)} values (${open.map(() => 'null').join(', ')})`
}

function tableStatements(table: Table): readonly string[] {
  const name = quoted(SCRATCH, table.name)
  const columns = table.columns.map((column) => columnDefinition({ ...column, nullable: true }))
  const required = table.columns.filter((column) => !column.nullable).map((column) => `alter column ${quoted(column.name)} set not null`)
  const keys = table.constraints
    .filter((constraint) => constraint.kind === 'primary-key' || constraint.kind === 'unique')
    .map((constraint) => `add ${constraintDefinition(SCRATCH, constraint)}`)
  const changes = [...required, ...keys]
  return [
    `create table ${name} (${columns.join(', ')})`,
    firstRow(table),
    `delete from ${name}`,
    ...(changes.length === 0 ? [] : [`alter table ${name} ${changes.join(', ')}`]),
    ...table.indexes.map((index) => createIndex({ schema: SCRATCH, table: table.name, how: 'at-once' }, index)),
  ]
}

/** Sets the rows of a table and of its indexes, which have their own counts. All pages count as visible, as after a vacuum. */
const SET_ROWS = `select pg_restore_relation_stats('schemaname', '${SCRATCH}', 'relname', c.relname::text,
  'relpages', pages, 'reltuples', $2::real, 'relallvisible', case when c.relkind = 'r' then pages else 0 end)
  from pg_class c, lateral (select (pg_relation_size(c.oid) / current_setting('block_size')::integer)::integer as pages) s
  where c.oid = $1::regclass or c.oid in (select indexrelid from pg_index where indrelid = $1::regclass)`

const SET_STATISTICS = `select pg_restore_attribute_stats('schemaname', '${SCRATCH}', 'relname', $1::text,
  'attname', s.name, 'inherited', false, 'null_frac', s.nulls, 'avg_width', 16, 'n_distinct', s.distinct_values)
  from unnest($2::text[], $3::real[], $4::real[]) as s(name, nulls, distinct_values)`

function scratchOver(client: Connection, server: string): Scratch {
  const sizes = new Map<string, number>()
  const setSize = (table: string, rows: number) => client.query(SET_ROWS, [quoted(SCRATCH, table), rows])
  /** Creating an index counts the rows of its table again and stores the count, which no rollback undoes. */
  const restoreSize = async (table: string): Promise<void> => {
    const rows = sizes.get(table)
    if (rows !== undefined) await setSize(table, rows)
  }
  return {
    server,
    async setRows(table, rows) {
      sizes.set(table, rows)
      await setSize(table, rows)
    },
    async setStatistics(table, columns) {
      const values = [columns.map((c) => c.column), columns.map((c) => c.nullPart), columns.map((c) => c.distinct)]
      await client.query(SET_STATISTICS, [table, ...values])
    },
    explain: (statements) => explain(client, statements),
    async withIndex(table, index, work) {
      await client.query(`savepoint trial; ${createIndex({ schema: SCRATCH, table, how: 'at-once' }, index)}`)
      try {
        await restoreSize(table)
        return await work()
      } finally {
        await client.query('rollback to savepoint trial; release savepoint trial')
        await restoreSize(table)
      }
    },
  }
}
