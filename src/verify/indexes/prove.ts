/** The index proof: every statement that the API can send, planned by PostgreSQL at the sizes that the design expects and at ten times as many rows of each table. */

import { ident, sql } from '../../base/sql.ts'
import { sqlText } from '../../base/sql-text.ts'
import { entityIndexes } from '../../compile/indexes.ts'
import type { Database, TableIndex } from '../../model/database.ts'
import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import type { PlanNode } from '../../postgres/explain.ts'
import { type Scratch, withScratch } from '../../postgres/scratch.ts'
import { type Candidate, candidatesFor, spelledIndex } from './candidates.ts'
import { referenceChecks } from './foreign-keys.ts'
import { accessesOf, type Costs, costsOf, type Growth, growthOf, TIMES } from './judge.ts'
import { type Operations, operationsOf } from './operations.ts'
import type { IndexProof, ProvedOperation, Remedy } from './proof.ts'
import { reasonFor } from './reason.ts'
import { columnStatistics, targetRows } from './statistics.ts'

export interface ProofInput {
  readonly model: Model
  /** A server whose role may create a schema. Nothing stays there. */
  readonly url: string
  /** Plinth's own functions, and the tables of the design. */
  readonly databases: { readonly system: Database; readonly design: Database }
}

/**
 * Proves a design. Resolves with null on a server that is older than PostgreSQL 18.
 *
 * @throws EnvironmentError when the server cannot be used, the driver's error when the role may not create a schema there.
 */
export async function proveIndexes({ model, url, databases }: ProofInput): Promise<IndexProof | null> {
  const asked = operationsOf(model)
  const subjects = subjectsOf(model, asked)
  return withScratch(url, databases, async (scratch) => {
    const rows = targetRows(model)
    for (const entity of model.entities) {
      await scratch.setRows(entity.table, rows.get(entity.name) ?? 1)
      await scratch.setStatistics(entity.table, columnStatistics(entity, rows))
    }
    const trial: Trial = { scratch, rows, entities: model.entities }
    const found = await judge(trial, subjects)
    const remedies = await remediesFor(trial, found)
    return {
      server: scratch.server,
      rows: model.entities.map(({ name }) => ({
        entity: name,
        rows: rows.get(name) ?? 1,
        from: model.targets.rows.has(name) ? 'targets' : 'assumed',
      })),
      operations: found.map((one) => proved(one, remedies.get(one.subject) ?? null)),
      refused: asked.refused,
    }
  })
}

/** A statement under judgement. */
interface Subject {
  readonly entity: string
  readonly operation: string
  readonly callers: readonly string[]
  readonly text: string
  readonly counts: boolean
  readonly candidates: readonly Candidate[]
}

function subjectsOf(model: Model, { operations }: Operations): readonly Subject[] {
  const requests = operations.map(
    ({ entity, label, callers, text, plan }): Subject => ({
      entity: entity.name,
      operation: label,
      callers,
      text,
      counts: plan.kind === 'list' && plan.count,
      candidates: candidatesFor(model, plan),
    }),
  )
  const checks = referenceChecks(model).map(
    ({ deleted, entity, field, text }): Subject => ({
      entity: deleted.name,
      operation: `delete: ${entity.name}.${field.name}`,
      callers: [],
      text,
      counts: false,
      candidates: [{ entity, parts: [{ field: field.name, descending: false }] }],
    }),
  )
  return model.entities.flatMap(({ name }) => [...requests, ...checks].filter((subject) => subject.entity === name))
}

interface Trial {
  readonly scratch: Scratch
  readonly rows: ReadonlyMap<string, number>
  readonly entities: readonly Entity[]
}

interface Judged {
  readonly subject: Subject
  readonly plan: PlanNode
  readonly costs: Costs
  readonly larger: Costs
  readonly growth: Growth
  /** Those whose growth makes it what it is. */
  readonly growsWith: readonly Entity[]
  /** The plan at the size at which it is worst. */
  readonly largerPlan: PlanNode
}

/** Plans every subject at the target, and again with `TIMES` the rows of each entity whose table it reads, one entity after the other. */
async function judge(trial: Trial, subjects: readonly Subject[]): Promise<readonly Judged[]> {
  const plans = await trial.scratch.explain(subjects.map((subject) => subject.text))
  const judged = subjects.flatMap((subject, i): readonly Judged[] => {
    const plan = plans[i]
    if (plan === undefined) return []
    const costs = costsOf(plan)
    return [{ subject, plan, costs, larger: costs, growth: 'flat', growsWith: [], largerPlan: plan }]
  })
  const done = [...judged]
  for (const entity of trial.entities) {
    const readers = done.flatMap((one, i) => (readsTable(one.plan, entity.table) ? [i] : []))
    const texts = readers.map((i) => done[i]?.subject.text ?? '')
    const larger = await atTimes(trial, entity, () => trial.scratch.explain(texts))
    readers.forEach((i, n) => {
      const [one, plan] = [done[i], larger[n]]
      if (one !== undefined && plan !== undefined) done[i] = withGrowth(one, entity, plan)
    })
  }
  return done
}

function readsTable(plan: PlanNode, table: string): boolean {
  return accessesOf(plan).some((access) => access.table === table)
}

async function atTimes<T>({ scratch, rows }: Trial, entity: Entity, work: () => Promise<T>): Promise<T> {
  const target = rows.get(entity.name) ?? 1
  await scratch.setRows(entity.table, target * TIMES)
  const result = await work()
  await scratch.setRows(entity.table, target)
  return result
}

const BADNESS: Readonly<Record<Growth, number>> = { flat: 0, depends: 1, grows: 2 }

function withGrowth(one: Judged, entity: Entity, plan: PlanNode): Judged {
  const larger = costsOf(plan)
  const growth = growthOf(one.costs, larger)
  const worse = BADNESS[growth] - BADNESS[one.growth]
  if (worse < 0) return one
  const dearer = worse > 0 || larger.expected > one.larger.expected
  return {
    ...one,
    growth,
    growsWith: growth === 'flat' ? [] : worse > 0 ? [entity] : [...one.growsWith, entity],
    ...(dearer ? { larger, largerPlan: plan } : {}),
  }
}

/** Tries each candidate for everything that asks for it at once, and takes the first that makes a statement better. */
async function remediesFor(trial: Trial, found: readonly Judged[]): Promise<ReadonlyMap<Subject, Remedy>> {
  const remedies = new Map<Subject, Remedy>()
  const wanted = new Map<string, { readonly candidate: Candidate; readonly for: Judged[] }>()
  for (const one of found) {
    if (one.growth === 'flat') continue
    for (const candidate of one.subject.candidates) {
      const key = `${candidate.entity.name} ${spelledIndex(candidate)}`
      const known = wanted.get(key) ?? { candidate, for: [] }
      known.for.push(one)
      wanted.set(key, known)
    }
  }
  for (const { candidate, for: users } of wanted.values()) {
    const open = users.filter(({ subject, growth }) => BADNESS[remedies.get(subject)?.growth ?? growth] > BADNESS.flat)
    if (open.length === 0) continue
    const index = trialIndex(candidate)
    const again = await trial.scratch.withIndex(candidate.entity.table, index, () =>
      judge(
        trial,
        open.map((one) => one.subject),
      ),
    )
    again.forEach((now) => {
      const before = open.find((one) => one.subject === now.subject)
      const best = remedies.get(now.subject)?.growth ?? before?.growth
      if (best === undefined || BADNESS[now.growth] >= BADNESS[best]) return
      remedies.set(now.subject, {
        entity: candidate.entity.name,
        fields: spelledIndex(candidate),
        cost: now.costs.expected,
        growth: now.growth,
      })
    })
  }
  return remedies
}

/** In the form in which the design would get it. */
function trialIndex({ entity, parts }: Candidate): TableIndex {
  const [made] = entityIndexes({ ...entity, indexes: [{ parts, method: 'btree' }] })
  const keys = (made?.parts ?? parts).map(({ field, descending }) => {
    const column = ident(fieldNamed(entity, field).column)
    return sqlText(descending ? sql`${column} desc` : column)
  })
  return { name: 'plinth_trial', method: 'btree', parts: keys, unique: false, where: null }
}

function proved({ subject, plan, costs, larger, growth, growsWith, largerPlan }: Judged, remedy: Remedy | null): ProvedOperation {
  const tables = new Set(growsWith.map((entity) => entity.table))
  return {
    entity: subject.entity,
    operation: subject.operation,
    callers: subject.callers,
    reads: accessesOf(plan),
    cost: rounded(costs.expected),
    costTenfold: rounded(larger.expected),
    growth,
    growsWith: growsWith.map((entity) => entity.name),
    reason: growth === 'flat' ? null : reasonFor(largerPlan, { growth, counts: subject.counts, tables }),
    remedy: remedy === null ? null : { ...remedy, cost: rounded(remedy.cost) },
  }
}

/** As EXPLAIN prints costs. */
function rounded(cost: number): number {
  return Math.round(cost * 100) / 100
}
