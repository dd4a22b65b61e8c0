/**
 * Queries that run before a migration and count the existing rows that it would fail on. They run on the tables as they are, so each reads
 * through a subquery that shows the columns as they will be: renamed, converted, with their defaults where they are new.
 */

import { unreachable } from '../../base/unreachable.ts'
import type { Column, Constraint, TableIndex, Tree } from '../../model/database.ts'
import type { Change } from '../schema/change.ts'
import { conversionOf } from '../schema/conversions.ts'
import { quoted } from '../schema/ddl.ts'
import { columnsOf } from '../schema/diff-objects.ts'
import type { Probe } from './migration-plan.ts'
import { formerNameHint } from './rename-hints.ts'

/** Counting stops here: it matters whether there are any. */
const MAX_COUNTED = 1_000

/** The schema before the changes, and the changes. */
export interface Before {
  readonly schema: string
  readonly changes: readonly Change[]
}

/** Counts the rows that violate a constraint. */
export function constraintProbe(before: Before, table: string, constraint: Constraint): Probe {
  switch (constraint.kind) {
    case 'check': {
      if (constraint.tree !== undefined) return treeProbe(before, table, constraint.tree)
      const rows = rowsOf(before, table, columnsOf(constraint))
      return {
        sql: counting(`from ${rows} where not coalesce((${constraint.expression}), true)`),
        complaint: `of ${table} against ${constraint.name}: ${constraint.expression}`,
        remedy: 'change those rows, or relax the design',
      }
    }
    case 'foreign-key': {
      const rows = rowsOf(before, table, constraint.columns, 'r')
      const target = rowsOf(before, constraint.table, constraint.references, 't')
      const pairs = constraint.columns.map((column, i) => `r.${quoted(column)} = t.${quoted(constraint.references[i] ?? column)}`)
      const set = constraint.columns.map((column) => `r.${quoted(column)} is not null`)
      return {
        sql: counting(`from ${rows} where ${set.join(' and ')} and not exists (select 1 from ${target} where ${pairs.join(' and ')})`),
        complaint: `of ${table} whose ${constraint.columns.join(', ')} refers to no row of ${constraint.table}`,
        remedy: 'delete those rows, or give them a row to refer to',
      }
    }
    case 'unique':
    case 'primary-key':
      return uniqueProbe(before, table, { columns: constraint.columns, where: null })
    default:
      return unreachable(constraint)
  }
}

/** Counts the rows in a cycle of references, and the rows below a cycle. */
function treeProbe(before: Before, table: string, { id, parent }: Tree): Probe {
  const [key, up] = [quoted(id), quoted(parent)]
  const rows = (alias: string): string => rowsOf(before, table, [id, parent], alias)
  const step = `select c.${key} from ${rows('c')} join rooted on c.${up} = rooted.id`
  const rooted = `with recursive rooted(id) as (select a.${key} from ${rows('a')} where a.${up} is null union all ${step}) select id from rooted`
  return {
    sql: counting(`from ${rows('r')} where r.${up} is not null and r.${key} not in (${rooted})`),
    complaint: `of ${table} in a circle of ${parent}, or below one`,
    remedy: `set ${parent} to null in one row of each circle`,
  }
}

/** Counts the values that occur more than once, for a unique index; undefined for other indexes. */
export function indexProbe(before: Before, table: string, index: TableIndex): Probe | undefined {
  if (!index.unique) return undefined
  const columns = (index.uses ?? []).filter((name) => index.parts.some((part) => part === name || part === quoted(name)))
  return uniqueProbe(before, table, { columns, where: index.where, uses: index.uses ?? columns })
}

interface UniqueOver {
  readonly columns: readonly string[]
  readonly where: string | null
  readonly uses?: readonly string[]
}

function uniqueProbe(before: Before, table: string, { columns, where, uses = columns }: UniqueOver): Probe {
  const keys = columns.map((column) => quoted(column))
  const set = [...keys.map((key) => `${key} is not null`), ...(where === null ? [] : [`(${where})`])].join(' and ')
  return {
    sql: counting(`from ${rowsOf(before, table, uses)} where ${set} group by ${keys.join(', ')} having count(*) > 1`),
    counted: 'groups',
    complaint: `of ${table} with the same ${columns.join(', ')}`,
    remedy: 'make those rows differ first',
  }
}

/** Counts the rows without a value in a column that becomes required. */
export function nullProbe(before: Before, table: string, column: string): Probe {
  const name = quoted(column)
  const update = `update ${quoted(before.schema, table)} set ${name} = … where ${name} is null`
  return {
    sql: counting(`from ${rowsOf(before, table, [column])} where ${name} is null`),
    complaint: `of ${table} without ${column}`,
    remedy: `give them one (${update}), or make the field optional`,
  }
}

/** Counts all rows, for a new required column without a default. */
export function emptyProbe(before: Before, table: string, column: Column): Probe {
  const former = formerNameHint(before.changes, table, column)
  const remedy =
    column.filledBy === 'requests'
      ? 'its default depends on the caller, so only requests fill it in: make the field optional, fill it for those rows, then require it'
      : 'give the field a default, or make it optional and fill it before it is required'
  return {
    sql: counting(`from ${rowsOf(before, table, [])}`),
    complaint: `of ${table} would have no ${column.name}`,
    remedy: former === null ? remedy : `${former}; otherwise ${remedy}`,
  }
}

/** The maximum number of named rows. */
const MAX_NAMED = 3
/** A value is shown up to this length. */
const SHOWN_LENGTH = 40

interface Conversion {
  readonly table: string
  readonly from: Column
  readonly to: Column
}

/**
 * Counts the values that cannot be converted and names some of their rows. If only the conversion itself shows this, the query converts
 * every value, so that the first such value raises an error.
 */
export function conversionProbe(before: Before, { table, from, to }: Conversion): Probe {
  const parts = {
    complaint: `of ${table} that cannot be converted to ${to.type}`,
    remedy: `change what ${to.name} holds there, or keep its type`,
  }
  const { accepts } = conversionOf(from.type, to.type)
  if (accepts === null) {
    const name = quoted(to.name)
    return { ...parts, sql: `select count(${name}) - count(${name}) as rows from ${rowsOf(before, table, [to.name])}` }
  }
  const [stored, column] = [
    quoted(before.schema, tableBefore(before.changes, table)),
    quoted(columnNameBefore(before.changes, table, to.name)),
  ]
  const refused = `from ${stored} where not ${accepts(column)}`
  const shown = `left(${column}::text, ${SHOWN_LENGTH}) as shown`
  const named = `select array_agg(coalesce('id ' || (to_jsonb(found) ->> 'id') || ' ', '') || '(' || quote_literal(shown) || ')')
    from (select *, ${shown} ${refused} limit ${MAX_NAMED}) found`
  return { ...parts, sql: `select (${counting(refused)}) as rows, (${named}) as named` }
}

function counting(from: string): string {
  return `select count(*)::integer as rows from (select 1 ${from} limit ${MAX_COUNTED}) found`
}

/** The table under its future name (or `alias`), with these columns as they will be. */
function rowsOf(before: Before, table: string, columns: readonly string[], alias = table): string {
  const { schema, changes } = before
  const made = changes.find((change) => change.kind === 'create-table' && change.table.name === table)
  if (made?.kind === 'create-table') {
    const types = made.table.columns
      .filter((column) => columns.includes(column.name))
      .map((column) => `null::${column.type} as ${quoted(column.name)}`)
    return `(select ${['1', ...types].join(', ')} where false) as ${quoted(alias)}`
  }
  const computed = changes.flatMap((change) => {
    if (change.kind !== 'remake-column' && change.kind !== 'add-column') return []
    return change.table === table && change.column.generated !== null && columns.includes(change.column.name) ? [change.column] : []
  })
  const names = computed.map((column) => column.name)
  const plain = [...new Set([...columns.filter((name) => !names.includes(name)), ...computed.flatMap((column) => column.uses ?? [])])]
  const shown = plain.map((column) => `${columnBefore(changes, table, column)} as ${quoted(column)}`)
  const rows = `(select ${['1', ...shown].join(', ')} from ${quoted(schema, tableBefore(changes, table))})`
  if (computed.length === 0) return `${rows} as ${quoted(alias)}`
  const expressions = computed.map((column) => `(${column.generated}) as ${quoted(column.name)}`)
  const selected = [...plain.map((column) => quoted(column)), ...expressions].join(', ')
  return `(select ${selected} from ${rows} as ${quoted(table)}) as ${quoted(alias)}`
}

/** The future value of a column that is not computed, as an expression over the present columns. */
function columnBefore(changes: readonly Change[], table: string, column: string): string {
  const own = changes.filter((change) => 'table' in change && change.table === table)
  const name = quoted(columnNameBefore(changes, table, column))
  for (const change of own) {
    if (change.kind === 'add-column' && change.column.name === column) return `(${change.column.default ?? 'null'})::${change.column.type}`
    if (change.kind === 'change-type' && change.to.name === column) return convertedBefore(change, name)
  }
  return name
}

/** The converted value; null for one that cannot be converted, which has a probe of its own. */
function convertedBefore({ from, to }: Extract<Change, { kind: 'change-type' }>, name: string): string {
  const { accepts, using } = conversionOf(from.type, to.type)
  return accepts === null ? using(name) : `case when ${accepts(name)} then ${using(name)} end`
}

/** The present name of a table. */
function tableBefore(changes: readonly Change[], table: string): string {
  const renamed = changes.find((change) => change.kind === 'rename-table' && change.to === table)
  return renamed?.kind === 'rename-table' ? renamed.from : table
}

/** The present name of a column. */
function columnNameBefore(changes: readonly Change[], table: string, column: string): string {
  const renamed = changes.find((change) => change.kind === 'rename-column' && change.table === table && change.to === column)
  return renamed?.kind === 'rename-column' ? renamed.from : column
}
