/** Steps for the constraints and indexes of an existing table. */

import { unreachable } from '../../base/unreachable.ts'
import type { Constraint, TableIndex } from '../../model/database.ts'
import type { Change, TableChange } from '../schema/change.ts'
import { columnList, constraintDefinition, createIndex, quoted } from '../schema/ddl.ts'
import { temporaryName } from '../schema/plinth-objects.ts'
import { constraintProbe, indexProbe } from './scan-probes.ts'
import { type MigrationPlanning, rewriting, type Step, step } from './steps.ts'

type ObjectChange = Extract<
  TableChange,
  {
    readonly kind:
      | 'rename-constraint'
      | 'rename-index'
      | 'add-constraint'
      | 'validate-constraint'
      | 'drop-constraint'
      | 'add-index'
      | 'drop-index'
  }
>

/** Returns the steps for one change of a constraint or an index. */
export function objectSteps(change: ObjectChange, planning: MigrationPlanning): readonly Step[] {
  const { table } = change
  const { schema } = planning
  const alter = `alter table ${quoted(schema, table)}`
  switch (change.kind) {
    case 'rename-constraint':
    case 'rename-index':
      return renameSteps(change, planning)
    case 'add-constraint':
      return addConstraint(table, change.constraint, planning)
    case 'validate-constraint':
      return [
        step('validate', {
          sql: `${alter} validate constraint ${quoted(change.constraint.name)}`,
          description: `prove ${change.constraint.name} for existing rows`,
          table,
          probe: constraintProbe(planning.before, table, change.constraint),
          waits: 'no-queue',
        }),
      ]
    case 'drop-constraint':
      return dropConstraint(table, change.constraint, planning)
    case 'add-index':
      return [buildIndex(table, change.index, planning)]
    case 'drop-index':
      return dropIndex(table, change.index, planning)
    default:
      return unreachable(change)
  }
}

function addConstraint(table: string, constraint: Constraint, planning: MigrationPlanning): readonly Step[] {
  const { schema } = planning
  const alter = `alter table ${quoted(schema, table)}`
  const probe = constraintProbe(planning.before, table, constraint)
  const definition = constraintDefinition(schema, constraint)
  switch (constraint.kind) {
    case 'check':
    case 'foreign-key':
      return [
        step('link', { sql: `${alter} add ${definition} not valid`, description: `add ${constraint.name} for new rows`, table, probe }),
        step('validate', {
          sql: `${alter} validate constraint ${quoted(constraint.name)}`,
          description: `prove ${constraint.name} for existing rows`,
          table,
          waits: 'no-queue',
        }),
      ]
    case 'unique': {
      const index: TableIndex = {
        name: constraint.name,
        method: 'btree',
        parts: constraint.columns.map((column) => quoted(column)),
        unique: true,
        where: null,
      }
      const sql = `${alter} add constraint ${quoted(constraint.name)} unique using index ${quoted(constraint.name)}`
      const built = buildIndex(table, index, planning)
      return [
        { ...built, statement: { ...built.statement, hazards: ['may-fail-on-data'], ...(probe === undefined ? {} : { probe }) } },
        step('attach', { sql, description: `make ${constraint.name} a constraint`, table }),
      ]
    }
    case 'primary-key':
      return [
        step('identify', {
          sql: `${alter} add ${definition}`,
          description: `identify ${table} by ${columnList(constraint.columns)}`,
          table,
          probe,
          hazards: rewriting(planning, table),
        }),
      ]
    default:
      return unreachable(constraint)
  }
}

function buildIndex(table: string, index: TableIndex, planning: MigrationPlanning): Step {
  const how = planning.run === 'live' ? 'concurrently' : 'at-once'
  return step('build', {
    sql: createIndex({ schema: planning.schema, table, how }, index),
    description: `build the index ${index.name}`,
    table,
    probe: indexProbe(planning.before, table, index),
    waits: 'no-queue',
  })
}

/** Drops a constraint. A unique constraint whose name another constraint needs is renamed first, and dropped when the other one exists. */
function dropConstraint(table: string, constraint: Constraint, planning: MigrationPlanning): readonly Step[] {
  const alter = `alter table ${quoted(planning.schema, table)}`
  const drop = (name: string) => ({ sql: `${alter} drop constraint ${quoted(name)}`, description: `drop ${constraint.name}`, table })
  if (constraint.kind === 'foreign-key') return [step('unlink', drop(constraint.name))]
  if (constraint.kind !== 'unique' || !isNameNeeded(constraint.name, planning) || isRetyped(table, constraint.columns, planning)) {
    return [step('drop', drop(constraint.name))]
  }
  const retired = temporaryName(constraint.name, 'retired')
  const sql = `${alter} rename constraint ${quoted(constraint.name)} to ${quoted(retired)}`
  return [step('drop', { sql, description: `put ${constraint.name} aside`, table }), step('clear', drop(retired))]
}

function dropIndex(table: string, index: TableIndex, planning: MigrationPlanning): readonly Step[] {
  const { schema } = planning
  const description = `drop the index ${index.name}`
  if (goesWithColumn(table, index.uses ?? [], planning)) return []
  // PostgreSQL would rebuild the index for the new type, which may not support the index.
  if (isRetyped(table, index.uses ?? [], planning))
    return [step('drop', { sql: `drop index ${quoted(schema, index.name)}`, description, table })]
  const drop = (name: string) =>
    step('clear', {
      sql: `drop index ${planning.run === 'live' ? 'concurrently ' : ''}${quoted(schema, name)}`,
      description,
      table,
      waits: 'no-queue',
    })
  if (!isNameNeeded(index.name, planning)) return [drop(index.name)]
  const retired = temporaryName(index.name, 'retired')
  const sql = `alter index ${quoted(schema, index.name)} rename to ${quoted(retired)}`
  return [step('drop', { sql, description: `put ${index.name} aside`, table }), drop(retired)]
}

/** Whether the index is dropped with its column. */
function goesWithColumn(table: string, columns: readonly string[], { before, allow }: MigrationPlanning): boolean {
  if (!allow.has('deletes-data')) return false
  return before.changes.some((change) => change.kind === 'drop-column' && change.table === table && columns.includes(change.column))
}

function isRetyped(table: string, columns: readonly string[], { before }: MigrationPlanning): boolean {
  return before.changes.some((change) => change.kind === 'change-type' && change.table === table && columns.includes(change.to.name))
}

/** Whether another object will have this name. */
function isNameNeeded(name: string, { before }: MigrationPlanning): boolean {
  return before.changes.some((change) => {
    switch (change.kind) {
      case 'add-constraint':
        return change.constraint.name === name
      case 'add-index':
        return change.index.name === name
      case 'rename-constraint':
      case 'rename-index':
        return change.to === name
      case 'create-schema':
      case 'create-function':
      case 'create-table':
      case 'rename-table':
      case 'drop-table':
      case 'rename-column':
      case 'add-column':
      case 'drop-column':
      case 'remake-column':
      case 'keep-computed-values':
      case 'change-type':
      case 'set-default':
      case 'set-identity':
      case 'require':
      case 'allow-null':
      case 'validate-constraint':
      case 'drop-constraint':
      case 'drop-index':
      case 'set-trigger':
      case 'set-log':
      case 'set-files':
        return false
      default:
        return unreachable(change)
    }
  })
}

/** Renames by way of a temporary name when another object still has the new name. */
function renameSteps(
  change: Extract<ObjectChange, { kind: 'rename-constraint' | 'rename-index' }>,
  planning: MigrationPlanning,
): readonly Step[] {
  const { table, from, to } = change
  const taken = planning.before.changes.some((other) => isRename(other) && other.from === to)
  if (!taken) return [rename('rename-object', change, planning)]
  const retired = temporaryName(from, 'retired')
  return [
    rename('drop', { ...change, to: retired }, planning),
    rename('rename-object', { kind: change.kind, table, from: retired, to }, planning),
  ]
}

function isRename(change: Change): change is Extract<Change, { kind: 'rename-constraint' | 'rename-index' }> {
  return change.kind === 'rename-constraint' || change.kind === 'rename-index'
}

function rename(
  phase: 'drop' | 'rename-object',
  change: Extract<ObjectChange, { kind: 'rename-constraint' | 'rename-index' }>,
  { schema }: MigrationPlanning,
): Step {
  const { table, from, to } = change
  const sql =
    change.kind === 'rename-index'
      ? `alter index ${quoted(schema, from)} rename to ${quoted(to)}`
      : `alter table ${quoted(schema, table)} rename constraint ${quoted(from)} to ${quoted(to)}`
  return step(phase, { sql, description: `rename ${from} to ${to}`, table })
}
