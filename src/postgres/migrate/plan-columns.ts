/** Steps for the columns of an existing table. */

import { unreachable } from '../../base/unreachable.ts'
import type { Column } from '../../model/database.ts'
import type { TableChange } from '../schema/change.ts'
import { conversionOf } from '../schema/conversions.ts'
import { columnDefinition, quoted, quotedText } from '../schema/ddl.ts'
import { temporaryName } from '../schema/plinth-objects.ts'
import type { Hazard } from './migration-plan.ts'
import { conversionProbe, emptyProbe, nullProbe } from './scan-probes.ts'
import { type MigrationPlanning, rewriting, type Step, step } from './steps.ts'

type ColumnChange = Extract<
  TableChange,
  {
    readonly kind:
      | 'rename-column'
      | 'add-column'
      | 'drop-column'
      | 'remake-column'
      | 'keep-computed-values'
      | 'change-type'
      | 'set-default'
      | 'set-identity'
      | 'require'
      | 'allow-null'
  }
>

/** Returns the steps for one change of a column. */
export function columnSteps(change: ColumnChange, planning: MigrationPlanning): readonly Step[] {
  const { table } = change
  const alter = `alter table ${quoted(planning.schema, table)}`
  switch (change.kind) {
    case 'rename-column': {
      const sql = `${alter} rename column ${quoted(change.from)} to ${quoted(change.to)}`
      return [step('rename', { sql, description: `rename ${table}.${change.from} to ${change.to}`, table })]
    }
    case 'add-column':
      return change.column.numbered === undefined
        ? [addColumn(table, change.column, planning)]
        : numberRows(table, { ...change.column, numbered: change.column.numbered }, planning)
    case 'drop-column':
      return dropColumn(change, planning)
    case 'remake-column':
      return remake(change, planning)
    case 'keep-computed-values': {
      const sql = `${alter} alter column ${quoted(change.column)} drop expression`
      return [step('drop', { sql, description: `keep the values of ${table}.${change.column}, no longer computed`, table })]
    }
    case 'change-type':
      return changeType(change, planning)
    case 'set-default': {
      const action = change.default === null ? 'drop default' : `set default ${change.default}`
      return [
        step('reshape', {
          sql: `${alter} alter column ${quoted(change.column)} ${action}`,
          description: `${action} of ${table}.${change.column}`,
          table,
        }),
      ]
    }
    case 'set-identity':
      return setIdentity(change, planning)
    case 'require':
      return require(change, planning)
    case 'allow-null': {
      const sql = `${alter} alter column ${quoted(change.column)} drop not null`
      return [step('reshape', { sql, description: `make ${table}.${change.column} optional`, table })]
    }
    default:
      return unreachable(change)
  }
}

/** Adds the column of a sequence: first empty, then with a number for each existing row, then required. */
function numberRows(
  table: string,
  column: Column & { readonly numbered: NonNullable<Column['numbered']> },
  planning: MigrationPlanning,
): readonly Step[] {
  const { within, order } = column.numbered
  const [name, own] = [quoted(planning.schema, table), quoted(column.name)]
  const apart = within === null ? '' : `partition by ${quoted(within)} `
  const count = `row_number() over (${apart}order by ${order.map((key) => quoted(key)).join(', ')})`
  const numbers = `select ctid as place, ${count} as number from ${name}`
  return [
    addColumn(table, { ...column, nullable: true }, planning),
    step('identify', {
      sql: `update ${name} as t set ${own} = r.number from (${numbers}) r where t.ctid = r.place`,
      description: `number the rows of ${table}${within === null ? '' : ` of each ${within}`} in ${column.name}`,
      table,
      hazards: rewriting(planning, table),
    }),
    step('identify', {
      sql: `alter table ${name} alter column ${own} set not null`,
      description: `require ${table}.${column.name}`,
      table,
    }),
  ]
}

function addColumn(table: string, column: Column, planning: MigrationPlanning): Step {
  const given = column.default !== null || column.generated !== null || column.identity
  const probe = column.nullable || given ? undefined : emptyProbe(planning.before, table, column)
  return step('extend', {
    sql: `alter table ${quoted(planning.schema, table)} add column ${columnDefinition(column)}`,
    description: `add ${table}.${column.name}`,
    table,
    probe,
    hazards: isWrittenPerRow(column) ? rewriting(planning, table) : [],
  })
}

/**
 * Whether PostgreSQL writes the value into every row: a computed value, or a default that differs by row. Other defaults are kept once, in
 * the catalogue.
 */
function isWrittenPerRow(column: Column): boolean {
  return (
    column.generated !== null || column.identity || /\b(gen_random_uuid|uuidv7|nextval|random|clock_timestamp)\b/.test(column.default ?? '')
  )
}

function dropColumn(change: Extract<ColumnChange, { kind: 'drop-column' }>, planning: MigrationPlanning): readonly Step[] {
  const { table, column } = change
  const alter = `alter table ${quoted(planning.schema, table)}`
  if (planning.allow.has('deletes-data')) {
    const description = `drop ${table}.${column} with its values`
    return [step('reshape', { sql: `${alter} drop column ${quoted(column)}`, description, table, hazards: ['deletes-data'] })]
  }
  if (!change.relax) return []
  return [
    step('reshape', {
      sql: `${alter} alter column ${quoted(column)} drop not null`,
      description: `let ${table}.${column} be empty`,
      table,
    }),
  ]
}

function remake(change: Extract<ColumnChange, { kind: 'remake-column' }>, planning: MigrationPlanning): readonly Step[] {
  const { table, column } = change
  const sql = `alter table ${quoted(planning.schema, table)} drop column ${quoted(column.name)}`
  const lost: readonly Hazard[] = change.replaces === 'values' ? ['deletes-data'] : []
  const why = column.generated === null ? `whose values cannot become ${column.type}` : 'to compute it again'
  return [
    step('drop', { sql, description: `drop ${table}.${column.name}, ${why}`, table, hazards: lost }),
    addColumn(table, column, planning),
  ]
}

function changeType(change: Extract<ColumnChange, { kind: 'change-type' }>, planning: MigrationPlanning): readonly Step[] {
  const { table, from, to } = change
  const alter = `alter table ${quoted(planning.schema, table)}`
  const name = quoted(to.name)
  const { kind, using } = conversionOf(from.type, to.type)
  const description = `change ${table}.${to.name} from ${from.type} to ${to.type}`
  const actions = [
    ...(from.default === null ? [] : [`alter column ${name} drop default`]),
    `alter column ${name} type ${to.type} using ${using(name)}`,
    ...(to.default === null ? [] : [`alter column ${name} set default ${to.default}`]),
  ]
  const lost: readonly Hazard[] = kind === 'lossy' ? ['deletes-data'] : []
  return [
    step('reshape', {
      sql: `${alter} ${actions.join(', ')}`,
      description,
      table,
      probe: kind === 'checked' || kind === 'lossy' ? conversionProbe(planning.before, { table, from, to }) : undefined,
      hazards: [...lost, ...(kind === 'relabel' ? [] : rewriting(planning, table))],
    }),
  ]
}

function setIdentity(change: Extract<ColumnChange, { kind: 'set-identity' }>, planning: MigrationPlanning): readonly Step[] {
  const { table, column } = change
  const name = quoted(planning.schema, table)
  const alter = `alter table ${name} alter column ${quoted(column)}`
  if (!change.identity) return [step('drop', { sql: `${alter} drop identity`, description: `stop numbering ${table}.${column}`, table })]
  const sequence = `pg_get_serial_sequence(${quotedText(name)}, ${quotedText(column)})`
  return [
    step('reshape', { sql: `${alter} add generated by default as identity`, description: `number ${table}.${column}`, table }),
    // new numbers follow the highest existing one
    step('extend', {
      sql: `select setval(${sequence}, coalesce((select max(${quoted(column)}) from ${name}), 0) + 1, false)`,
      description: `continue after the highest ${table}.${column}`,
      table,
    }),
  ]
}

/** `set not null` by itself scans the table under an exclusive lock; with a validated check constraint it does not scan. */
function require(change: Extract<ColumnChange, { kind: 'require' }>, planning: MigrationPlanning): readonly Step[] {
  const { table, column } = change
  const alter = `alter table ${quoted(planning.schema, table)}`
  const name = quoted(column)
  const check = quoted(temporaryName(`${table}_${column}`, 'required'))
  const probe = nullProbe(planning.before, table, column)
  return [
    step('link', {
      sql: `${alter} add constraint ${check} check (${name} is not null) not valid`,
      description: `require ${table}.${column} in new rows`,
      table,
      probe,
    }),
    step('validate', {
      sql: `${alter} validate constraint ${check}`,
      description: `prove that every row has ${table}.${column}`,
      table,
      waits: 'no-queue',
    }),
    step('require', { sql: `${alter} alter column ${name} set not null`, description: `require ${table}.${column}`, table }),
    step('settle', {
      sql: `${alter} drop constraint ${check}`,
      description: `drop the temporary check of ${table}.${column}`,
      table,
    }),
  ]
}
