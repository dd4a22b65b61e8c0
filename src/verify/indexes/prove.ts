/**
 * The index proof: every statement that the API can send, planned by PostgreSQL at the sizes that the design expects and at ten
 * times as many rows of each table.
 */

import type { Database } from '../../model/database.ts'
import type { Model } from '../../model/model.ts'
import { withScratch } from '../../postgres/migrate/scratch.ts'
import { callersOf } from './callers.ts'
import { ascending, candidatesFor, possible } from './candidates.ts'
import { eitherOf } from './either.ts'
import { type ReferenceCheck, referenceChecks } from './foreign-keys.ts'
import { accessesOf } from './judge.ts'
import { type GrowthSetup, type Judged, judgeGrowth, type TestedStatement } from './judge-growth.ts'
import { operationsOf, type Refusal, type SampleOperations } from './operations.ts'
import type { ExpectedRows, GrowthReason, IndexProof, ProvedOperation, Remedy } from './proof.ts'
import { reasonFor } from './reason.ts'
import { remediesFor } from './remedies.ts'
import { columnStatistics, targetRows } from './statistics.ts'

/** The input of a proof. */
export interface ProofInput {
  readonly model: Model
  /** The URL of a server whose role may create a schema. The proof leaves nothing there. */
  readonly url: string
  /** Plinth's own functions and tables, and the tables of the design. */
  readonly databases: { readonly system: Database; readonly design: Database }
  /** The time limit in milliseconds. Entities that are not started in time are left out. */
  readonly withinMs: number
}

/**
 * Proves a design, entity by entity. Resolves with null on a server that is older than PostgreSQL 18.
 *
 * @throws EnvironmentError when the server cannot be used, the driver's error when the role may not create a schema there.
 */
export async function proveIndexes({ model, url, databases, withinMs }: ProofInput): Promise<IndexProof | null> {
  const end = performance.now() + withinMs
  const { kinds, ...leftOut } = callersOf(model)
  const callers = { asked: kinds.flatMap(({ labels }) => labels), ...leftOut }
  const operationsFor = operationsOf(model, kinds)
  const checks = referenceChecks(model)
  const rows = targetRows(model)
  return withScratch(url, databases, async (scratch) => {
    for (const entity of model.entities) {
      await scratch.setRows(entity.table, rows.get(entity.name) ?? 1)
      await scratch.setStatistics(entity.table, columnStatistics(entity, rows))
    }
    const setup: GrowthSetup = { scratch, rows, entities: model.entities }
    const operations: ProvedOperation[] = []
    const refused: Refusal[] = []
    const left: string[] = []
    for (const entity of model.entities) {
      if (performance.now() > end) {
        left.push(entity.name)
        continue
      }
      const asked = operationsFor(entity)
      const own = checks.filter((check) => check.deleted === entity)
      operations.push(...(await proveEntity(setup, [...requestSubjects(model, asked), ...own.map((check) => checkSubject(model, check))])))
      refused.push(...asked.refused)
    }
    return { server: scratch.server, rows: expectedRows(model, rows), callers, operations, refused, left }
  })
}

function expectedRows(model: Model, rows: ReadonlyMap<string, number>): readonly ExpectedRows[] {
  return model.entities.map(({ name }) => ({
    entity: name,
    rows: rows.get(name) ?? 1,
    from: model.targets.rows.has(name) ? 'targets' : 'assumed',
  }))
}

async function proveEntity(setup: GrowthSetup, subjects: readonly TestedStatement[]): Promise<readonly ProvedOperation[]> {
  const found = await judgeGrowth(setup, subjects)
  const remedies = await remediesFor(setup, found)
  return found.map((one) => proved(one, remedies.get(one.subject) ?? null))
}

function requestSubjects(model: Model, { operations }: SampleOperations): readonly TestedStatement[] {
  return operations.map(({ entity, label, callers, text, plan }) => ({
    entity: entity.name,
    operation: label,
    callers,
    text,
    counts: plan.kind === 'list' && plan.count,
    candidates: candidatesFor(model, plan),
    eitherOn: (table) => eitherOf(model, plan, table),
  }))
}

function checkSubject(model: Model, { deleted, entity, field, text }: ReferenceCheck): TestedStatement {
  return {
    entity: deleted.name,
    operation: `delete: ${entity.name}.${field.name}`,
    callers: [],
    text,
    counts: false,
    candidates: possible(model, { entity, parts: [ascending(field.name)] }),
    eitherOn: () => null,
  }
}

function proved({ subject, plan, costs, larger, growth, by, growsWith, largerPlan }: Judged, remedy: Remedy | null): ProvedOperation {
  const tables = new Set(growsWith.map((entity) => entity.table))
  const reason = growth === 'flat' ? null : reasonFor(largerPlan, { growth, by, counts: subject.counts, tables })
  return {
    entity: subject.entity,
    operation: subject.operation,
    callers: subject.callers,
    reads: accessesOf(plan),
    cost: rounded(costs.expected),
    costTenfold: larger === null ? null : rounded(larger.expected),
    growth,
    growsWith: growsWith.map((entity) => entity.name),
    reason,
    remedy: remedy === null ? null : { ...remedy, cost: rounded(remedy.cost) },
    either: remedy === null && reason !== null && isEither(reason) ? subject.eitherOn(reason.table) : null,
  }
}

/** Whether the condition that removes rows is an "or", in the spelling of EXPLAIN. */
function isEither(reason: GrowthReason): reason is Extract<GrowthReason, { readonly condition: string | null }> {
  return 'condition' in reason && reason.condition?.includes(' OR ') === true
}

/** Rounds a cost to the precision of EXPLAIN. */
function rounded(cost: number): number {
  return Math.round(cost * 100) / 100
}
