/**
 * The tables of a design without a row, in a schema of their own that is never committed, and a planner that takes them for as large as it is told. That is
 * how plans are judged at sizes that nobody has yet. docs/decisions/0016 has the reasons.
 */

import type { Database, Table, TableIndex } from '../../model/database.ts'
import { type Connection, withClient } from '../connect.ts'
import { explain, type PlanNode } from '../explain.ts'
import { readDatabase } from '../schema/catalog.ts'
import { columnDefinition, columnList, constraintDefinition, createIndex, quoted } from '../schema/ddl.ts'
import { rehearseFunctions } from './rehearse.ts'

/** What the planner is told of a column. */
export interface ColumnStatistics {
  readonly column: string
  /** How many values there are; negative: as a part of the rows (`-1`: every row has its own), as in `pg_stats`. */
  readonly distinct: number
  /** The part of the rows in which it is null. */
  readonly nullPart: number
}

export interface Scratch {
  /** The server's version: `18.4`. */
  readonly server: string
  setRows(table: string, rows: number): Promise<void>
  setStatistics(table: string, columns: readonly ColumnStatistics[]): Promise<void>
  /** Generic plans at the sizes that were set, in the order of the statements. */
  explain(statements: readonly string[]): Promise<readonly PlanNode[]>
  /** Lends one more index. `work` leaves the sizes as it found them. */
  withIndex<T>(table: string, index: TableIndex, work: () => Promise<T>): Promise<T>
}

/** `pg_restore_relation_stats` came with it. */
const OLDEST_SERVER = 180_000

const SCRATCH = 'plinth_scratch'

/**
 * Builds the tables of the last of `databases` (those before it lend their functions), lends them to `work`, and leaves nothing behind. Resolves with null on a
 * server that is older than PostgreSQL 18, which cannot be told sizes.
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
      await lendFunctions(client, databases.system)
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

const SERVER = `select current_setting('server_version_num')::integer as number, substring(current_setting('server_version') from '^[^ ]+') as version`

async function lendFunctions(client: Connection, system: Database): Promise<void> {
  const actual = await readDatabase(client, system.schema, [])
  await rehearseFunctions(client, { actual, desired: system, owned: new Map() })
}

/**
 * The size of a file cannot be simulated, and the planner takes an empty file for an empty table whatever the statistics say; so each table and index gets its
 * first page from a row that comes and goes before there is a constraint for it to break. Checks are left out: no plan depends on them.
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

/** Of nulls, where there can be any: from the defaults a computed field might come to more than its type holds. */
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

/** Of a table and its indexes, as an index has its own count of rows. All pages count as visible, as they do once the table has been vacuumed. */
const SET_ROWS = `select pg_restore_relation_stats('schemaname', '${SCRATCH}', 'relname', c.relname::text, 'relpages', pages, 'reltuples', $2::real,
  'relallvisible', case when c.relkind = 'r' then pages else 0 end)
  from pg_class c, lateral (select (pg_relation_size(c.oid) / current_setting('block_size')::integer)::integer as pages) s
  where c.oid = $1::regclass or c.oid in (select indexrelid from pg_index where indrelid = $1::regclass)`

const SET_STATISTICS = `select pg_restore_attribute_stats('schemaname', '${SCRATCH}', 'relname', $1::text, 'attname', s.name, 'inherited', false,
  'null_frac', s.nulls, 'avg_width', 16, 'n_distinct', s.distinct_values)
  from unnest($2::text[], $3::real[], $4::real[]) as s(name, nulls, distinct_values)`

function scratchOver(client: Connection, server: string): Scratch {
  const sizes = new Map<string, number>()
  const tell = (table: string, rows: number) => client.query(SET_ROWS, [quoted(SCRATCH, table), rows])
  /** Making an index counts the rows of its table anew and notes that beyond any rollback. */
  const tellAgain = async (table: string): Promise<void> => {
    const rows = sizes.get(table)
    if (rows !== undefined) await tell(table, rows)
  }
  return {
    server,
    async setRows(table, rows) {
      sizes.set(table, rows)
      await tell(table, rows)
    },
    async setStatistics(table, columns) {
      const values = [columns.map((c) => c.column), columns.map((c) => c.nullPart), columns.map((c) => c.distinct)]
      await client.query(SET_STATISTICS, [table, ...values])
    },
    explain: (statements) => explain(client, statements),
    async withIndex(table, index, work) {
      await client.query(`savepoint trial; ${createIndex({ schema: SCRATCH, table, how: 'at-once' }, index)}`)
      try {
        await tellAgain(table)
        return await work()
      } finally {
        await client.query('rollback to savepoint trial; release savepoint trial')
        await tellAgain(table)
      }
    },
  }
}
