/** Plans changes as statements: which, in what order, with what hazards, and what stays. */

import { unreachable } from '../../base/unreachable.ts'
import type { Constraint, LoggedWrite, Table, TableIndex } from '../../model/database.ts'
import type { Change } from '../schema/change.ts'
import {
  columnList,
  constraintDefinition,
  createFunction,
  createIndex,
  createLog,
  createPartitions,
  createTable,
  dropLog,
  quoted,
  setFiles,
  setTrigger,
} from '../schema/ddl.ts'
import { BLOCKING, type Blocked, type Kept, keptColumn, keptTable, type MigrationPlan } from './migration-plan.ts'
import { columnSteps } from './plan-columns.ts'
import { objectSteps } from './plan-objects.ts'
import { newNameHint } from './rename-hints.ts'
import { foreign, inOrder, type MigrationContext, type MigrationPlanning, type Step, step } from './steps.ts'

/**
 * Plans the changes of one schema, renames included. A destructive change that is not allowed is left out where the table or the column can
 * stay (it is then `kept`), and `blocked` otherwise. Same changes, same plan.
 */
export function planMigration(changes: readonly Change[], context: MigrationContext): MigrationPlan {
  const before = { schema: context.schema, changes }
  const kept: Kept[] = []
  const steps: Step[] = []
  for (const change of changes) {
    const stays = keptBy(change, changes, context)
    if (stays !== null) kept.push(stays)
    steps.push(...stepsOf(change, { ...context, before }))
  }
  const marked = [...lockSteps(changes, steps, context), ...steps].map((one) => withForeign(one, context))
  const statements = inOrder(marked).map((one) => one.statement)
  const blocked = statements.flatMap((statement) =>
    statement.hazards
      .filter((hazard) => BLOCKING.has(hazard) && !context.allow.has(hazard))
      .map((hazard): Blocked => ({ description: statement.description, hazard, hint: `plinth migrate --allow ${hazard}` })),
  )
  return { statements, kept, blocked }
}

function withForeign(one: Step, context: MigrationContext): Step {
  const hazards = foreign(context, one.table)
  return hazards.length === 0 ? one : { ...one, statement: { ...one.statement, hazards: [...one.statement.hazards, ...hazards] } }
}

function stepsOf(change: Change, planning: MigrationPlanning): readonly Step[] {
  const { schema } = planning
  switch (change.kind) {
    case 'create-schema':
      return [step('schema', { sql: `create schema if not exists ${quoted(schema)}`, description: `create the schema ${schema}` })]
    case 'create-function':
      return [
        step('functions', {
          sql: createFunction(schema, change.function),
          description: `create the function ${schema}.${change.function.name}`,
        }),
      ]
    case 'create-table':
      return createSteps(schema, change.table)
    case 'rename-table': {
      const sql = `alter table ${quoted(schema, change.from)} rename to ${quoted(change.to)}`
      return [step('rename', { sql, description: `rename the table ${change.from} to ${change.to}`, table: change.to })]
    }
    case 'drop-table':
      return planning.allow.has('deletes-data') ? dropSteps(schema, change.table, change.references) : []
    case 'set-trigger':
      return [triggerStep(schema, change.table, change.columns)].map((one) => ({ ...one, table: change.table }))
    case 'set-log':
      return [...logSteps(schema, change.table, change.logged), ...noLogSteps(schema, change)].map((one) => ({
        ...one,
        table: change.table,
      }))
    case 'set-files':
      return fileSteps(schema, change.table, change.arguments).map((one) => ({ ...one, table: change.table }))
    case 'rename-constraint':
    case 'rename-index':
    case 'add-constraint':
    case 'validate-constraint':
    case 'drop-constraint':
    case 'add-index':
    case 'drop-index':
      return objectSteps(change, planning)
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
      return columnSteps(change, planning)
    default:
      return unreachable(change)
  }
}

function createSteps(schema: string, table: Table): readonly Step[] {
  const sql = createTable(schema, table)
  const links = table.constraints.filter((constraint) => constraint.kind === 'foreign-key')
  return [
    step('create', { sql, description: `create the table ${table.name}` }),
    ...createPartitions(schema, table).map((part, i) => step('create', { sql: part, description: `create part ${i} of ${table.name}` })),
    ...table.indexes.map((index) => newIndex(schema, table.name, index)),
    ...links.map((link) => newLink(schema, table.name, link)),
    ...(table.nulled === undefined ? [] : [triggerStep(schema, table.name, table.nulled)]),
    ...(table.logged === undefined ? [] : logSteps(schema, table.name, table.logged)),
    ...(table.files === undefined ? [] : fileSteps(schema, table.name, table.files)),
  ]
}

function fileSteps(schema: string, table: string, given: readonly string[]): readonly Step[] {
  const kept = given.length === 0 ? `no longer keep files of ${table}` : `keep the files of ${table}`
  const descriptions = [
    kept,
    given.length === 0 ? `no longer let files of ${table} go` : `let files go that rows of ${table} no longer have`,
  ]
  return setFiles(schema, table, given).map((sql, i) => step('link', { sql, description: descriptions[i] ?? kept }))
}

function newIndex(schema: string, table: string, index: TableIndex): Step {
  const sql = createIndex({ schema, table, how: 'at-once' }, index)
  return step('create', { sql, description: `create the index ${index.name}` })
}

function newLink(schema: string, table: string, link: Constraint): Step {
  const sql = `alter table ${quoted(schema, table)} add ${constraintDefinition(schema, link)}`
  return step('link', { sql, description: `link ${table}${link.kind === 'foreign-key' ? columnList(link.columns) : ''} by ${link.name}` })
}

function triggerStep(schema: string, table: string, columns: readonly string[]): Step {
  const sql = setTrigger(schema, table, columns)
  const what = columns.length === 0 ? 'no longer raise the version' : 'raise the version'
  return step('link', { sql, description: `${what} of a row of ${table} that loses a reference` })
}

function logSteps(schema: string, table: string, logged: readonly LoggedWrite[]): readonly Step[] {
  return createLog(schema, table, logged).map((sql, i) => step('link', { sql, description: `log every ${logged[i]?.write} of ${table}` }))
}

function noLogSteps(schema: string, { table, dropped }: Extract<Change, { kind: 'set-log' }>): readonly Step[] {
  return dropped.map((write) =>
    step('link', { sql: dropLog(schema, table, write), description: `no longer log every ${write} of ${table}` }),
  )
}

function dropSteps(schema: string, table: string, references: readonly string[]): readonly Step[] {
  const name = quoted(schema, table)
  return [
    ...references.map((constraint) =>
      step('unlink', { sql: `alter table ${name} drop constraint ${quoted(constraint)}`, description: `unlink ${table}`, table }),
    ),
    step('reshape', {
      sql: `drop table ${name}`,
      description: `drop the table ${table} with all its rows`,
      table,
      hazards: ['deletes-data'],
    }),
  ]
}

function keptBy(change: Change, changes: readonly Change[], { schema, allow }: MigrationContext): Kept | null {
  if (allow.has('deletes-data') || (change.kind !== 'drop-table' && change.kind !== 'drop-column')) return null
  const kept =
    change.kind === 'drop-table'
      ? keptTable(schema, change.table)
      : keptColumn({ schema, table: change.table, column: change.column }, change.relax ? 'relaxed' : 'as-it-was')
  return { ...kept, description: `${kept.description}${newNameHint(changes, change)}` }
}

/**
 * Takes all locks of the transaction at its beginning, within one time limit. Waiting for a second lock while holding the first would make
 * all sessions that want the first wait as well.
 */
function lockSteps(changes: readonly Change[], steps: readonly Step[], { schema }: MigrationContext): readonly Step[] {
  const created = new Set(changes.flatMap((change) => (change.kind === 'create-table' ? [change.table.name] : [])))
  const oldNames = new Map(changes.flatMap((change) => (change.kind === 'rename-table' ? [[change.to, change.from] as const] : [])))
  const altered = new Set(steps.flatMap((one) => (one.statement.transactional && one.table !== null ? [one.table] : [])))
  const targets = new Set<string>()
  const link = (constraint: Constraint) => {
    if (constraint.kind !== 'foreign-key' || created.has(constraint.table) || altered.has(constraint.table)) return
    targets.add(constraint.table)
  }
  for (const change of changes) {
    if (change.kind === 'create-table') change.table.constraints.forEach(link)
    if (change.kind === 'add-constraint') link(change.constraint)
  }
  const lock = (tables: ReadonlySet<string>, mode: string): readonly Step[] => {
    if (tables.size === 0) return []
    const names = [...tables].map((table) => quoted(schema, oldNames.get(table) ?? table)).sort()
    return [step('lock', { sql: `lock table ${names.join(', ')} in ${mode} mode`, description: `wait for ${[...tables].join(', ')}` })]
  }
  return [...lock(altered, 'access exclusive'), ...lock(targets, 'share row exclusive')]
}
