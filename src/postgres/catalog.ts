/** The catalogue of a database as a `Database`: the way back from `pg_catalog` to the type that the design asks in. */

import { unreachable } from '../base/unreachable.ts'
import type { Column, Constraint, Database, DatabaseFunction, Table, TableIndex } from '../model/database.ts'
import type { Connection } from './connect.ts'

/**
 * Reads a schema: its ordinary tables (those of `tables`, or all), and of them what Plinth knows. Exclusion constraints, triggers, other index methods and
 * foreign keys into other schemas are not seen and so never touched. Tables are in the order of their names, columns in their own.
 *
 * Expressions are printed as seen with `pg_catalog` alone on the search path, whatever the session has, so that they do not depend on it.
 */
export async function readDatabase(client: Connection, schema: string, tables: readonly string[] | null = null): Promise<Database> {
  const session = await client.query<{ path: string }>("select current_setting('search_path') as path")
  await client.query("set search_path = 'pg_catalog'")
  try {
    return await readSchema(client, schema, tables)
  } finally {
    // in a failed transaction this fails too, and its rollback puts the setting back
    await client.query("select set_config('search_path', $1, false)", [session.rows[0]?.path ?? '']).catch(() => {})
  }
}

async function readSchema(client: Connection, schema: string, tables: readonly string[] | null): Promise<Database> {
  const parameters = [schema, tables]
  const exists = await client.query('select 1 from pg_namespace where nspname = $1', [schema])
  const found = await client.query<{ name: string }>(TABLES, parameters)
  const columns = byTable((await client.query<ColumnRow>(COLUMNS, parameters)).rows)
  const constraints = byTable((await client.query<ConstraintRow>(CONSTRAINTS, parameters)).rows)
  const indexes = byTable((await client.query<IndexRow>(INDEXES, parameters)).rows)
  const functions = await client.query<DatabaseFunction>(FUNCTIONS, [schema])
  return {
    schema,
    tables: found.rows.map(
      ({ name }): Table => ({
        name,
        columns: (columns.get(name) ?? []).map(columnOf),
        constraints: (constraints.get(name) ?? []).map(constraintOf),
        indexes: (indexes.get(name) ?? []).map(indexOf),
      }),
    ),
    ...(functions.rows.length === 0 ? {} : { functions: functions.rows }),
    ...(exists.rows.length === 0 ? { missing: true } : {}),
  }
}

function byTable<R extends { readonly table: string }>(rows: readonly R[]): ReadonlyMap<string, readonly R[]> {
  return Map.groupBy(rows, (row) => row.table)
}

const IN_SCHEMA = `n.nspname = $1 and c.relkind in ('r', 'p') and ($2::text[] is null or c.relname = any ($2))`

const TABLES = `
select c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where ${IN_SCHEMA}
order by c.relname collate "C"`

interface ColumnRow {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly expression: string | null
  readonly generated: string
  readonly identity: string
  readonly uses: readonly string[] | null
}

const COLUMNS = `
select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
  pg_get_expr(d.adbin, d.adrelid) as expression, a.attgenerated as generated, a.attidentity as identity,
  case when a.attgenerated <> '' then (
    select array_agg(u.attname::text order by u.attnum)
    from pg_depend p join pg_attribute u on u.attrelid = p.refobjid and u.attnum = p.refobjsubid
    where p.classid = 'pg_attrdef'::regclass and p.objid = d.oid and p.refclassid = 'pg_class'::regclass and p.refobjid = c.oid and u.attnum <> a.attnum
  ) end as uses
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where ${IN_SCHEMA}
order by a.attnum`

function columnOf(row: ColumnRow): Column {
  const generated = row.generated !== ''
  return {
    name: row.name,
    type: row.type,
    nullable: !row.required,
    default: generated ? null : row.expression,
    generated: generated ? row.expression : null,
    identity: row.identity !== '',
    ...(row.uses === null ? {} : { uses: row.uses }),
  }
}

interface ConstraintRow {
  readonly table: string
  readonly name: string
  readonly kind: 'p' | 'u' | 'c' | 'f'
  readonly columns: readonly string[] | null
  readonly expression: string | null
  readonly target: string | null
  readonly references: readonly string[] | null
  readonly action: 'a' | 'r' | 'c' | 'n' | 'd' | ' '
  readonly validated: boolean
}

const CONSTRAINTS = `
select c.relname as table, k.conname as name, k.contype as kind, ${namesOf('k.conrelid', 'k.conkey')} as columns,
  pg_get_expr(k.conbin, k.conrelid) as expression, t.relname as target, ${namesOf('k.confrelid', 'k.confkey')} as references,
  k.confdeltype as action, k.convalidated as validated
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_class t on t.oid = k.confrelid
where ${IN_SCHEMA} and k.contype in ('p', 'u', 'c', 'f') and (k.contype <> 'f' or t.relnamespace = c.relnamespace)
order by k.conname collate "C"`

function namesOf(table: string, numbers: string): string {
  return `(
    select array_agg(a.attname::text order by u.place)
    from unnest(${numbers}) with ordinality as u (number, place) join pg_attribute a on a.attrelid = ${table} and a.attnum = u.number)`
}

/** `set default` is of nobody's design and compares as different from all that are. */
const ACTIONS = { a: 'no action', r: 'restrict', c: 'cascade', n: 'set null', d: 'restrict', ' ': 'no action' } as const

function constraintOf(row: ConstraintRow): Constraint {
  const { name } = row
  const columns = row.columns ?? []
  const unvalidated = row.validated ? {} : ({ unvalidated: true } as const)
  switch (row.kind) {
    case 'p':
      return { kind: 'primary-key', name, columns }
    case 'u':
      return { kind: 'unique', name, columns }
    case 'c':
      return { kind: 'check', name, expression: row.expression ?? '', uses: columns, ...unvalidated }
    case 'f':
      return {
        kind: 'foreign-key',
        name,
        columns,
        table: row.target ?? '',
        references: row.references ?? [],
        onDelete: ACTIONS[row.action],
        ...unvalidated,
      }
    default:
      return unreachable(row.kind)
  }
}

interface IndexRow {
  readonly table: string
  readonly name: string
  readonly method: 'btree' | 'gin'
  readonly parts: readonly string[]
  readonly unique: boolean
  readonly where: string | null
  readonly valid: boolean
  readonly uses: readonly string[] | null
}

// direction 1 is descending, whose default is nulls first (2); an operator class that is not the type's default is spelled out
const INDEXES = `
select c.relname as table, i.relname as name, m.amname as method, x.indisunique as unique,
  pg_get_expr(x.indpred, x.indrelid) as where, x.indisvalid and x.indisready as valid,
  (select array_agg(
      pg_get_indexdef(x.indexrelid, k, false)
      || case when o.opcdefault then '' else ' ' || o.opcname end
      || case x.indoption[k - 1] & 3 when 0 then '' when 1 then ' DESC NULLS LAST' when 2 then ' NULLS FIRST' else ' DESC' end order by k)
    from generate_series(1, x.indnkeyatts) as k join pg_opclass o on o.oid = x.indclass[k - 1]) as parts,
  (select array_agg(distinct a.attname::text)
    from pg_depend p join pg_attribute a on a.attrelid = p.refobjid and a.attnum = p.refobjsubid
    where p.classid = 'pg_class'::regclass and p.objid = x.indexrelid and p.refclassid = 'pg_class'::regclass and p.refobjid = c.oid and a.attnum > 0) as uses
from pg_index x
join pg_class c on c.oid = x.indrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class i on i.oid = x.indexrelid
join pg_am m on m.oid = i.relam
where ${IN_SCHEMA} and m.amname in ('btree', 'gin')
  and not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))
order by i.relname collate "C"`

function indexOf(row: IndexRow): TableIndex {
  const { name, method, parts, unique, where } = row
  return { name, method, parts, unique, where, uses: row.uses ?? [], ...(row.valid ? {} : ({ invalid: true } as const)) }
}

const FUNCTIONS = `
select p.proname as name, pg_get_function_arguments(p.oid) as parameters, format_type(p.prorettype, null) as returns, p.prosrc as body
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where n.nspname = $1 and l.lanname = 'sql' and p.provolatile = 'i'
  and not exists (select 1 from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by p.proname collate "C"`
