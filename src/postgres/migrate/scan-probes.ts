/**
 * Questions to ask before a migration: does what is there meet what will be asked of it? They run on the tables as they are, so each reads them through a
 * subquery that shows the columns as they will be: renamed, converted, with their defaults where they are new.
 */

import { unreachable } from '../../base/unreachable.ts'
import type { Constraint, TableIndex } from '../../model/database.ts'
import type { Change } from '../schema/change.ts'
import { conversionOf } from '../schema/conversions.ts'
import { quoted } from '../schema/ddl.ts'
import { columnsOf } from '../schema/diff-objects.ts'
import type { Probe } from './migration-plan.ts'

/** Counting stops here: what matters is whether there are any. */
const ENOUGH = 1_000

/** How tables and columns look from before the changes. */
export interface Before {
  readonly schema: string
  readonly changes: readonly Change[]
}

/** How many rows would break a constraint; undefined when that cannot be asked of the tables as they are. */
export function constraintProbe(before: Before, table: string, constraint: Constraint): Probe | undefined {
  const rows = rowsOf(before, table, columnsOf(constraint))
  switch (constraint.kind) {
    case 'check':
      return {
        sql: counting(`from ${rows} where not coalesce((${constraint.expression}), true)`),
        complaint: `of ${table} against ${constraint.name}: ${constraint.expression}`,
        remedy: 'change those rows, or relax the design',
      }
    case 'foreign-key': {
      const target = rowsOf(before, constraint.table, constraint.references, 't')
      const pairs = constraint.columns.map((column, i) => `r.${quoted(column)} = t.${quoted(constraint.references[i] ?? column)}`)
      const set = constraint.columns.map((column) => `r.${quoted(column)} is not null`)
      return {
        sql: counting(
          `from ${rowsOf(before, table, constraint.columns, 'r')} where ${set.join(' and ')} and not exists (select 1 from ${target} where ${pairs.join(' and ')})`,
        ),
        complaint: `of ${table} whose ${constraint.columns.join(', ')} leads to no row of ${constraint.table}`,
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

/** How many values a unique index would find more than once; undefined for others. */
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

/** How many rows have no value in a column that will need one. */
export function nullProbe(before: Before, table: string, column: string): Probe {
  return {
    sql: counting(`from ${rowsOf(before, table, [column])} where ${quoted(column)} is null`),
    complaint: `of ${table} without ${column}`,
    remedy: `give them one (update ${quoted(before.schema, table)} set ${quoted(column)} = … where ${quoted(column)} is null), or make the field optional`,
  }
}

/** How many rows there are at all, for a column that will need a value and has no default. */
export function emptyProbe(before: Before, table: string, column: string): Probe {
  return {
    sql: counting(`from ${rowsOf(before, table, [])}`),
    complaint: `of ${table} left without ${column}`,
    remedy: 'give the field a default, or make it optional and fill it before it is required',
  }
}

/** Converts every value, so that one without a counterpart shows. */
export function conversionProbe(before: Before, table: string, column: string): Probe {
  return {
    sql: `select count(${quoted(column)}) - count(${quoted(column)}) as rows from ${rowsOf(before, table, [column])}`,
    complaint: `of ${table} that cannot be converted`,
    remedy: `change what ${column} holds there, or keep its type`,
  }
}

function counting(from: string): string {
  return `select count(*)::integer as rows from (select 1 ${from} limit ${ENOUGH}) found`
}

/** The table, under the name that it will have (or `alias`), with these columns as they will be. */
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
  const old = changes.find((change) => change.kind === 'rename-table' && change.to === table)
  const name = old?.kind === 'rename-table' ? old.from : table
  const rows = `(select ${['1', ...shown].join(', ')} from ${quoted(schema, name)})`
  if (computed.length === 0) return `${rows} as ${quoted(alias)}`
  const expressions = computed.map((column) => `(${column.generated}) as ${quoted(column.name)}`)
  return `(select ${[...plain.map((column) => quoted(column)), ...expressions].join(', ')} from ${rows} as ${quoted(table)}) as ${quoted(alias)}`
}

/** A plain column of a table that is there, in terms of what it is now. */
function columnBefore(changes: readonly Change[], table: string, column: string): string {
  const own = changes.filter((change) => 'table' in change && change.table === table)
  const old = own.find((change) => change.kind === 'rename-column' && change.to === column)
  const name = quoted(old?.kind === 'rename-column' ? old.from : column)
  for (const change of own) {
    if (change.kind === 'add-column' && change.column.name === column) return `(${change.column.default ?? 'null'})::${change.column.type}`
    if (change.kind === 'change-type' && change.to.name === column) return conversionOf(change.from.type, change.to.type).using(name)
  }
  return name
}
