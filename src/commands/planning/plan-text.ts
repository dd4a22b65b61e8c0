/** The report of `plinth plan` as text: a summary, then each part under its heading. */

import { unreachable } from '../../base/unreachable.ts'
import type { Column, Constraint } from '../../model/database.ts'
import type { Operation } from '../../model/expression.ts'
import type { MigrationPlan } from '../../postgres/migrate/migration-plan.ts'
import { pendingLines } from '../terminal/describe-event.ts'
import { diagnosticLines } from '../terminal/event.ts'
import { columns, count } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'
import { actionLines, pastRuleLines, workflowLines } from './actions-text.ts'
import { brokerLines } from './broker/planned-broker.ts'
import type { PlannedTable, PlanReport } from './plan-report.ts'
import { backendLines } from './planned-backends.ts'
import { contractLines } from './planned-contract.ts'
import { errorLines } from './planned-errors.ts'
import { hookLines } from './planned-hooks.ts'
import { jobLines, scheduleLines } from './planned-jobs.ts'
import { encryptionLines, erasureLines } from './planned-privacy.ts'
import { reactionLines } from './planned-reactions.ts'
import { requirementLines } from './planned-requirements.ts'
import { deliveryLines, fileLines, routeLines } from './planned-routes.ts'
import { serviceLines } from './planned-services.ts'
import { indexProofLines } from './proof/index-proof-text.ts'
import { questionLines } from './questions/questions.ts'
import { saidText } from './says/says.ts'

/** How to render a report. */
export interface PlanTextOptions {
  readonly style: Style
  /** `print`: with the SQL of every step; `count`: only descriptions. */
  readonly statements: 'print' | 'count'
}

const OPERATIONS: readonly Operation[] = ['read', 'create', 'update', 'delete']

/** Returns the text of a report. */
export function planText(report: PlanReport, { style, statements }: PlanTextOptions): string {
  const heading = (title: string): string => `\n${style.bold(title)}`
  return [
    `${style.bold(report.name)}: ${summary(report)}`,
    ...(report.findings.length === 0 ? [] : [heading('Findings'), ...diagnosticLines(report.findings, style)]),
    heading('Tables'),
    ...report.tables.flatMap((table) => tableLines(table, style)),
    heading('Who may'),
    ...accessLines(report),
    ...pastRuleLines(report.actions),
    ...(report.says.length === 0 ? [] : [heading('In words'), ...report.says.map((said) => `  ${saidText(said)}`)]),
    ...requirementLines(report.requirements, heading),
    ...questionLines(report.questions, heading),
    ...setLines(report, heading('Set by the server')),
    ...actionLines(report.actions, heading('Actions'), style),
    ...contractLines(report.contract, heading),
    ...workflowLines(report.workflows, heading('Workflows')),
    ...routeLines(report.routes, heading('Routes of code')),
    ...fileLines(report.files, heading('Files')),
    ...deliveryLines(report.deliveries, heading('Messages to subscriptions')),
    ...erasureLines(report.erasures, heading),
    ...encryptionLines(report.encrypted, heading('Encrypted')),
    ...hookLines(report.hooks, heading('Hooks')),
    ...reactionLines(report.reactions, heading('Reactions')),
    ...jobLines(report.jobs, heading('Jobs')),
    ...scheduleLines(report.schedules, heading('Schedules')),
    ...serviceLines(report.httpServices, heading('Services')),
    ...backendLines(report.backends, heading('Backends that may call')),
    ...brokerLines(report.broker, heading('Broker')),
    ...errorLines(report.errors, heading('Errors')),
    heading(migrationTitle(report)),
    ...migrationLines(report, { style, statements }),
    '',
    ...indexProofLines(report.indexes, style),
    heading('Tasks'),
    ...columns(
      report.tasks.map(({ by, part, what }) => [by === 'plinth' ? 'built' : by === 'person' ? 'yours' : 'later', part, what]),
      '  ',
    ),
    heading(`Testing strategy: ${count(report.testing.total, 'case')}`),
    ...columns(
      report.testing.kinds.map(({ kind, cases, from }) => [String(cases).padStart(6), kind, from]),
      '',
    ),
    ...targetLines(report, heading('Targets')),
    ...pendingLines(report.pending, style),
  ].join('\n')
}

function summary(report: PlanReport): string {
  const parts = [
    count(report.tables.length, 'entity', 'entities'),
    count(
      report.tables.reduce((sum, table) => sum + table.columns.length, 0),
      'column',
    ),
    count(report.migration.statements.length, 'migration step'),
    count(report.testing.total, 'test case'),
  ]
  const notes = report.findings.filter((finding) => finding.severity === 'note').length
  const others = report.findings.length - notes
  if (others > 0 || notes === 0) parts.push(others === 0 ? 'no findings' : count(others, 'finding'))
  if (notes > 0) parts.push(count(notes, 'note'))
  return parts.join(', ')
}

function tableLines(table: PlannedTable, style: Style): readonly string[] {
  const inline = new Map<string, string[]>()
  const below: string[] = []
  for (const constraint of table.constraints) {
    if (constraint.kind === 'check' && OWN_CHECK.test(constraint.expression)) continue
    const [column, ...others] = 'columns' in constraint ? constraint.columns : []
    const words = constraintWords(constraint)
    if (column === undefined || others.length > 0) below.push(words)
    else inline.set(column, [...(inline.get(column) ?? []), words])
  }
  return [
    `  ${style.cyan(table.name)} ${style.dim(`(${table.entity})`)}`,
    ...columns(
      table.columns.map((column) => [column.name, column.type, columnWords(column, inline.get(column.name) ?? [])]),
      '    ',
    ),
    ...below.map((line) => `    ${line}`),
    ...table.indexes.map((index) => {
      const using = index.method === 'btree' ? '' : ` ${index.method}`
      const where = index.where === null ? '' : ` where ${index.where}`
      return `    ${index.unique ? 'unique ' : ''}index${using} (${index.parts.join(', ')})${where}`
    }),
  ]
}

/** Matches checks on columns that Plinth maintains. All designs have the same such checks, so only the JSON report contains them. */
const OWN_CHECK = /^"(created_at|updated_at|deleted_at|version)" /

function columnWords(column: Column, constraints: readonly string[]): string {
  return [
    ...(column.nullable || constraints.includes('primary key') ? [] : ['not null']),
    ...constraints,
    ...(column.default === null ? [] : [`default ${column.default}`]),
    ...(column.generated === null ? [] : [`computed: ${column.generated}`]),
    ...(column.identity ? ['numbered'] : []),
    ...(column.numbered === undefined ? [] : [`numbered${column.numbered.within === null ? '' : ` within ${column.numbered.within}`}`]),
  ].join(', ')
}

/** Describes a constraint without its name, and without its column if there is only one. */
function constraintWords(constraint: Constraint): string {
  const list = (names: readonly string[]): string => (names.length === 1 ? '' : ` (${names.join(', ')})`)
  switch (constraint.kind) {
    case 'primary-key':
      return `primary key${list(constraint.columns)}`
    case 'unique':
      return `unique${list(constraint.columns)}`
    case 'check':
      return `check ${constraint.expression}`
    case 'foreign-key': {
      const action = constraint.onDelete === 'no action' ? '' : ` on delete ${constraint.onDelete}`
      return `references ${constraint.table}${list(constraint.columns)}${action}`
    }
    default:
      return unreachable(constraint)
  }
}

/** Returns one line for each rule, so that long rules stay readable. */
function accessLines(report: PlanReport): readonly string[] {
  const closed = new Set(report.closed.map(({ entity, operation }) => `${entity}.${operation}`))
  const rows = report.access.flatMap((access) =>
    OPERATIONS.map((operation, i) => {
      const rule = access[operation]
      return [
        i === 0 ? access.entity : '',
        operation,
        closed.has(`${access.entity}.${operation}`) ? `nobody: closed${rule === null ? '' : ` (${rule})`}` : (rule ?? ''),
      ]
    }),
  )
  return columns(rows, '  ')
}

function setLines({ set }: PlanReport, heading: string): readonly string[] {
  if (set.length === 0) return []
  const when = { create: 'when the row is created', write: 'at every write' } as const
  const rows = set.map(({ entity, field, on, expression }) => [`${entity}.${field}`, expression, when[on]])
  return [heading, ...columns(rows, '  ')]
}

function migrationTitle({ migration }: PlanReport): string {
  const from = { empty: 'from an empty database', external: 'from the database of DATABASE_URL', embedded: 'from the embedded database' }[
    migration.from
  ]
  return `Migration ${from}: ${count(migration.statements.length, 'step')}`
}

function migrationLines({ migration }: PlanReport, options: PlanTextOptions): readonly string[] {
  const { style } = options
  const steps = stepLines(migration, options)
  return [
    ...(steps.length === 0 ? ['  nothing to do'] : steps),
    ...migration.blocked.map(({ description, hint }) => style.red(`  refused: ${description}; to allow it: ${hint}`)),
    ...migration.kept.map(({ description }) => style.yellow(`  stays: ${description}`)),
  ]
}

/** Returns lines for the steps of a migration, with hazards, and with SQL if `statements` is `print`. */
export function stepLines(plan: MigrationPlan, { style, statements }: PlanTextOptions): readonly string[] {
  return plan.statements.flatMap(({ sql, description, hazards }) => {
    const warning = hazards.length === 0 ? '' : ` ${style.yellow(`[${hazards.join(', ')}]`)}`
    return statements === 'print' ? [`${style.dim(`-- ${description}`)}${warning}`, `${sql};`, ''] : [`  ${description}${warning}`]
  })
}

function targetLines({ targets }: PlanReport, heading: string): readonly string[] {
  const lines = [
    ...(targets.p99Ms === null ? [] : [['p99', `${targets.p99Ms} ms`]]),
    ...(targets.throughput === null ? [] : [['throughput', `${targets.throughput} requests/s`]]),
    ...Object.entries(targets.rows).map(([entity, rows]) => [`rows of ${entity}`, rows.toLocaleString('en')]),
  ]
  return lines.length === 0 ? [] : [heading, ...columns(lines, '  ')]
}
