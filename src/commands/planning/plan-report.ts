/** The report of `plinth plan`, as data; its text and its JSON are made from it. */

import type { Diagnostic } from '../../base/diagnostic.ts'
import { compile } from '../../compile/compile.ts'
import type { Table } from '../../model/database.ts'
import type { Operation } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import type { Pending } from '../../model/parts/goals.ts'
import type { MigrationPlan } from '../../postgres/migrate/migration-plan.ts'
import { type PlannedBroker, plannedBroker } from './broker/planned-broker.ts'
import { type PlannedAction, type PlannedWorkflow, plannedActions, plannedWorkflows } from './planned-actions.ts'
import { type PlannedBackend, plannedBackends } from './planned-backends.ts'
import { type PlannedContract, plannedContract } from './planned-contract.ts'
import { type PlannedError, plannedErrors } from './planned-errors.ts'
import { type PlannedHook, plannedHooks } from './planned-hooks.ts'
import { type PlannedJob, type PlannedSchedule, plannedJobs, plannedSchedules } from './planned-jobs.ts'
import { type PlannedEncryption, type PlannedErasure, plannedEncryption, plannedErasures } from './planned-privacy.ts'
import { type PlannedReaction, plannedReactions } from './planned-reactions.ts'
import { type PlannedRequirement, plannedRequirements } from './planned-requirements.ts'
import {
  type PlannedDeliveries,
  type PlannedFile,
  type PlannedRoute,
  plannedDeliveries,
  plannedFiles,
  plannedRoutes,
} from './planned-routes.ts'
import { type PlannedServices, plannedServices } from './planned-services.ts'
import type { ProofOutcome } from './proof/index-proof.ts'
import { type PlannedQuestion, questionsOf } from './questions/questions.ts'
import { type Said, saysOf } from './says/says.ts'
import type { Strategy } from './strategy.ts'
import { closedOperations, type Task, tasksOf } from './tasks.ts'

/** The report on a design. */
export interface PlanReport extends DesignReport {
  readonly testing: Strategy
}

/** The report on a design without the cases that test it, which take longer than all the rest. */
export interface DesignReport {
  readonly name: string
  readonly design: string
  readonly findings: readonly Diagnostic[]
  readonly tables: readonly PlannedTable[]
  readonly access: readonly PlannedAccess[]
  /** Who may do what, in sentences made from the rules as they were understood. */
  readonly says: readonly Said[]
  /** What was asked for, and what meets it. */
  readonly requirements: readonly PlannedRequirement[]
  /** What is open, most important first. */
  readonly questions: readonly PlannedQuestion[]
  /** Operations that no caller may do. */
  readonly closed: readonly { readonly entity: string; readonly operation: Operation }[]
  /** Fields that the server alone sets. */
  readonly set: readonly PlannedSet[]
  readonly actions: readonly PlannedAction[]
  /** The contract that the actions implement; null for none. */
  readonly contract: PlannedContract | null
  readonly workflows: readonly PlannedWorkflow[]
  /** The routes that the code of the design adds. */
  readonly routes: readonly PlannedRoute[]
  /** The fields that hold files. */
  readonly files: readonly PlannedFile[]
  /** The messages to subscriptions of webhooks that their accounts see. */
  readonly deliveries: readonly PlannedDeliveries[]
  /** What an erasure of a person does. */
  readonly erasures: readonly PlannedErasure[]
  readonly encrypted: readonly PlannedEncryption[]
  readonly hooks: readonly PlannedHook[]
  readonly reactions: readonly PlannedReaction[]
  readonly jobs: readonly PlannedJob[]
  readonly schedules: readonly PlannedSchedule[]
  readonly httpServices: PlannedServices
  /** The other backends that may send requests. */
  readonly backends: readonly PlannedBackend[]
  /** The message broker; null for none. */
  readonly broker: PlannedBroker | null
  /** The codes whose status, name or message the design changes. */
  readonly errors: readonly PlannedError[]
  readonly migration: PlannedMigration
  /** The plans of PostgreSQL for each operation at the target's rows, and which of them grow with a table. */
  readonly indexes: ProofOutcome
  readonly tasks: readonly Task[]
  readonly targets: { readonly rows: Readonly<Record<string, number>>; readonly p99Ms: number | null; readonly throughput: number | null }
  /** The parts of the design that this version does not implement yet. */
  readonly pending: readonly Pending[]
}

/** A table with its entity. */
export interface PlannedTable extends Table {
  readonly entity: string
}

/** The rules of an entity as the author wrote them; null for an operation without a rule. */
export interface PlannedAccess extends Readonly<Record<Operation, string | null>> {
  readonly entity: string
}

/** A field that only the server sets, with the expression of its value, at creation or at every write. */
export interface PlannedSet {
  readonly entity: string
  readonly field: string
  readonly on: 'create' | 'write'
  readonly expression: string
}

/** A migration, and the kind of database that it starts from. */
export interface PlannedMigration extends MigrationPlan {
  /** Where the steps start: an `empty` database, or an existing one. */
  readonly from: 'empty' | 'external' | 'embedded'
}

/** Makes the report without the cases. Deterministic: the same model and migration give the same bytes. */
export function designReport(
  model: Model,
  of: {
    readonly design: string
    readonly findings: readonly Diagnostic[]
    readonly migration: PlannedMigration
    readonly indexes: ProofOutcome
  },
): DesignReport {
  const { tables } = compile(model).database
  return {
    name: model.name,
    design: of.design,
    findings: of.findings,
    tables: tables.map((table) => ({ entity: model.entities.find((entity) => entity.table === table.name)?.name ?? table.name, ...table })),
    access: model.entities.map((entity) => ({ entity: entity.name, ...entity.access.source })),
    says: saysOf(model),
    requirements: plannedRequirements(model),
    questions: questionsOf(model),
    closed: closedOperations(model),
    set: model.entities.flatMap((entity) => entity.fields.flatMap((field) => plannedSet(entity, field))),
    actions: plannedActions(model),
    contract: plannedContract(model),
    workflows: plannedWorkflows(model),
    routes: plannedRoutes(model),
    files: plannedFiles(model),
    deliveries: plannedDeliveries(model),
    erasures: plannedErasures(model),
    encrypted: plannedEncryption(model),
    hooks: plannedHooks(model),
    reactions: plannedReactions(model),
    jobs: plannedJobs(model),
    schedules: plannedSchedules(model),
    httpServices: plannedServices(model),
    backends: plannedBackends(model),
    broker: plannedBroker(model),
    errors: plannedErrors(model),
    migration: of.migration,
    indexes: of.indexes,
    tasks: tasksOf(model),
    targets: { rows: Object.fromEntries(model.targets.rows), p99Ms: model.targets.p99Ms, throughput: model.targets.throughput },
    pending: model.pending,
  }
}

function plannedSet(entity: Entity, { name, default: preset }: Field): readonly PlannedSet[] {
  return preset?.kind === 'set' ? [{ entity: entity.name, field: name, on: preset.on, expression: preset.source }] : []
}
