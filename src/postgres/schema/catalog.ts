/** Reads the catalogue of a database (`pg_catalog`) as a `Database`. */

import { unreachable } from '../../base/unreachable.ts'
import type { Column, Constraint, Database, DatabaseFunction, Table, TableIndex } from '../../model/database.ts'
import type { Connection } from '../connect.ts'
import { quoted } from './ddl.ts'
import { type TriggerRow, triggerFacts, triggersQuery } from './trigger-facts.ts'

/**
 * Reads a schema: its ordinary tables (those of `tables`, or all) with the objects that Plinth uses. Exclusion constraints, triggers other
 * than Plinth's, other index methods and foreign keys into other schemas are not read and so never changed. Tables are sorted by name;
 * columns are in table order.
 *
 * Expressions are printed with only `pg_catalog` on the search path, so that they do not depend on the session.
 *
 * @throws the driver's error
 */
export async function readDatabase(client: Connection, schema: string, tables: readonly string[] | null = null): Promise<Database> {
  const session = await client.query<{ path: string }>("select current_setting('search_path') as path")
  await client.query("set search_path = 'pg_catalog'")
  try {
    return await readSchema(client, schema, tables)
  } finally {
    // this fails in a failed transaction, whose rollback restores the setting
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
  const triggers = byTable((await client.query<TriggerRow>(triggersQuery(IN_SCHEMA), parameters)).rows)
  const functions = await client.query<DatabaseFunction>(FUNCTIONS, [schema])
  return {
    schema,
    tables: found.rows.map(({ name }): Table => {
      const own = columns.get(name) ?? []
      const names = new Map(own.map((column) => [column.number, column.name]))
      return {
        name,
        columns: own.map(columnOf),
        constraints: (constraints.get(name) ?? []).map((row) => constraintOf(row, names)),
        indexes: (indexes.get(name) ?? []).map((row) => indexOf(row, names)),
        ...triggerFacts(triggers.get(name) ?? []),
      }
    }),
    ...(functions.rows.length === 0 ? {} : { functions: functions.rows }),
    ...(exists.rows.length === 0 ? { missing: true } : {}),
  }
}

/** The columns of a table by number, as the catalogue refers to them. */
type ColumnNames = ReadonlyMap<number, string>

function namesOf(numbers: readonly number[], names: ColumnNames): readonly string[] {
  return numbers.flatMap((number) => names.get(number) ?? [])
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
  readonly number: number
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly expression: string | null
  readonly generated: string
  readonly identity: string
  readonly uses: readonly string[] | null
}

const COLUMNS = `
select c.relname as table, a.attnum as number, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
  pg_get_expr(d.adbin, d.adrelid) as expression, a.attgenerated as generated, a.attidentity as identity,
  case when a.attgenerated <> '' then (
    select array_agg(u.attname::text order by u.attnum)
    from pg_depend p join pg_attribute u on u.attrelid = p.refobjid and u.attnum = p.refobjsubid
    where p.classid = 'pg_attrdef'::regclass and p.objid = d.oid and p.refclassid = 'pg_class'::regclass and p.refobjid = c.oid
      and u.attnum <> a.attnum
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
  readonly columns: readonly number[] | null
  readonly expression: string | null
  readonly target: string | null
  readonly references: readonly string[] | null
  readonly action: 'a' | 'r' | 'c' | 'n' | 'd' | ' '
  readonly validated: boolean
}

const CONSTRAINTS = `
select c.relname as table, k.conname as name, k.contype as kind, k.conkey as columns,
  pg_get_expr(k.conbin, k.conrelid) as expression, t.relname as target,
  case when k.contype = 'f' then (
    select array_agg(a.attname::text order by u.place)
    from unnest(k.confkey) with ordinality as u (number, place) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number
  ) end as references,
  k.confdeltype as action, k.convalidated as validated
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_class t on t.oid = k.confrelid
where ${IN_SCHEMA} and k.contype in ('p', 'u', 'c', 'f') and (k.contype <> 'f' or t.relnamespace = c.relnamespace)
order by k.conname collate "C"`

/** No design has `set default`; it reads as `restrict`. */
const ACTIONS = { a: 'no action', r: 'restrict', c: 'cascade', n: 'set null', d: 'restrict', ' ': 'no action' } as const

function constraintOf(row: ConstraintRow, names: ColumnNames): Constraint {
  const { name } = row
  const columns = namesOf(row.columns ?? [], names)
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
  readonly unique: boolean
  readonly where: string | null
  readonly valid: boolean
  /** The columns of the keys; 0 for an expression. */
  readonly keys: readonly number[]
  /** The keys as they are printed, when one is an expression. */
  readonly printed: readonly string[] | null
  /** 1 for descending, 2 for nulls first. */
  readonly options: readonly number[]
  /** Operator classes that are not the default of their type. */
  readonly classes: readonly (string | null)[]
  /** The columns that expressions and the predicate read, keys included; null when there are neither. */
  readonly reads: readonly string[] | null
}

// Arrays of the catalogue begin at 0. Costly parts are read only for the few indexes that have them.
const INDEXES = `
select c.relname as table, i.relname as name, m.amname as method, x.indisunique as unique,
  pg_get_expr(x.indpred, x.indrelid) as where, x.indisvalid and x.indisready as valid,
  (x.indkey::int2[])[0:x.indnkeyatts - 1] as keys, x.indoption::int2[] as options, k.classes,
  case when x.indexprs is not null then (
    select array_agg(pg_get_indexdef(x.indexrelid, n, false) order by n) from generate_series(1, x.indnkeyatts) as n
  ) end as printed,
  case when x.indexprs is not null or x.indpred is not null then (
    select array_agg(distinct a.attname::text)
    from pg_depend p join pg_attribute a on a.attrelid = p.refobjid and a.attnum = p.refobjsubid
    where p.classid = 'pg_class'::regclass and p.objid = x.indexrelid and p.refclassid = 'pg_class'::regclass and p.refobjid = c.oid
      and a.attnum > 0
  ) end as reads
from pg_index x
join pg_class c on c.oid = x.indrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class i on i.oid = x.indexrelid
join pg_am m on m.oid = i.relam
cross join lateral (
  select array_agg(case when not o.opcdefault then o.opcname::text end order by u.place) as classes
  from unnest(x.indclass::oid[]) with ordinality as u (class, place) join pg_opclass o on o.oid = u.class
) k
where ${IN_SCHEMA} and m.amname in ('btree', 'gin')
  and not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))
order by i.relname collate "C"`

/** By default, descending puts nulls first and ascending puts them last. */
const DIRECTIONS = ['', ' DESC NULLS LAST', ' NULLS FIRST', ' DESC'] as const

function indexOf(row: IndexRow, names: ColumnNames): TableIndex {
  const { name, method, unique, where } = row
  const parts = row.keys.map((number, i) => {
    const key = row.printed?.[i] ?? quoted(names.get(number) ?? '?')
    const operators = row.classes[i]
    return key + (operators === null || operators === undefined ? '' : ` ${operators}`) + (DIRECTIONS[(row.options[i] ?? 0) & 3] ?? '')
  })
  const uses = row.reads ?? namesOf(row.keys, names)
  return { name, method, parts, unique, where, uses, ...(row.valid ? {} : ({ invalid: true } as const)) }
}

const FUNCTIONS = `
select p.proname as name, pg_get_function_arguments(p.oid) as parameters, format_type(p.prorettype, null) as returns, p.prosrc as body
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where n.nspname = $1 and (l.lanname = 'sql' and p.provolatile = 'i' or l.lanname = 'plpgsql' and p.prorettype = 'trigger'::regtype)
  and not exists (select 1 from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by p.proname collate "C"`
