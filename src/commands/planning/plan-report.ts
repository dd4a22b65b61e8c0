/** What a design amounts to, as data: the one report behind `plinth plan` and its JSON. */

import type { Diagnostic } from '../../base/diagnostic.ts'
import { compile } from '../../compile/compile.ts'
import type { Table } from '../../model/database.ts'
import type { Operation } from '../../model/expression.ts'
import type { Model, Pending } from '../../model/model.ts'
import type { MigrationPlan } from '../../postgres/migrate/migration-plan.ts'
import type { ProofOutcome } from './index-proof.ts'
import { type Strategy, strategyOf } from './strategy.ts'
import { closedOperations, type Task, tasksOf } from './tasks.ts'

export interface PlanReport {
  readonly name: string
  readonly design: string
  readonly findings: readonly Diagnostic[]
  readonly tables: readonly PlannedTable[]
  readonly access: readonly PlannedAccess[]
  /** Operations that nobody may do. */
  readonly closed: readonly { readonly entity: string; readonly operation: Operation }[]
  readonly migration: PlannedMigration
  /** What PostgreSQL does for each operation at the target's rows, and what grows with a table. */
  readonly indexes: ProofOutcome
  readonly tasks: readonly Task[]
  readonly testing: Strategy
  readonly targets: { readonly rows: Readonly<Record<string, number>>; readonly p99Ms: number | null; readonly throughput: number | null }
  /** What the design asks for and this version does not do yet. */
  readonly pending: readonly Pending[]
}

export interface PlannedTable extends Table {
  readonly entity: string
}

/** The author's own text of each rule; null where there is none. */
export interface PlannedAccess extends Readonly<Record<Operation, string | null>> {
  readonly entity: string
}

export interface PlannedMigration extends MigrationPlan {
  /** What the steps start from: an `empty` database, or the one that there is. */
  readonly from: 'empty' | 'external' | 'embedded'
}

/** Gathers the report. Deterministic: the same model and migration give the same bytes. */
export function planReport(
  model: Model,
  of: {
    readonly design: string
    readonly findings: readonly Diagnostic[]
    readonly migration: PlannedMigration
    readonly indexes: ProofOutcome
  },
): PlanReport {
  const { tables } = compile(model).database
  return {
    name: model.name,
    design: of.design,
    findings: of.findings,
    tables: tables.map((table) => ({ entity: model.entities.find((entity) => entity.table === table.name)?.name ?? table.name, ...table })),
    access: model.entities.map((entity) => ({ entity: entity.name, ...entity.access.source })),
    closed: closedOperations(model),
    migration: of.migration,
    indexes: of.indexes,
    tasks: tasksOf(model),
    testing: strategyOf(model),
    targets: { rows: Object.fromEntries(model.targets.rows), p99Ms: model.targets.p99Ms, throughput: model.targets.throughput },
    pending: model.pending,
  }
}
