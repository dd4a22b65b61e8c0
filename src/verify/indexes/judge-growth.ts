/** Plans statements at the target number of rows and at more, for one entity after the other. */

import type { Entity } from '../../model/model.ts'
import type { PlanNode } from '../../postgres/explain.ts'
import type { Scratch } from '../../postgres/migrate/scratch.ts'
import type { PossibleIndex } from './candidates.ts'
import { type Costs, costsOf, workOf } from './costs.ts'
import { accessesOf, BADNESS, GROWTH_FACTOR, growthOf, isSmall, type Verdict } from './judge.ts'

/** A statement whose growth is examined. */
export interface TestedStatement {
  readonly entity: string
  readonly operation: string
  readonly callers: readonly string[]
  readonly text: string
  readonly counts: boolean
  readonly candidates: readonly PossibleIndex[]
  /** The rows that an "or" in its conditions on a table is about; null without an "or". */
  readonly eitherOn: (table: string) => readonly string[] | null
}

/** Where statements are planned, and the number of rows of each entity at the target. */
export interface GrowthSetup {
  readonly scratch: Scratch
  readonly rows: ReadonlyMap<string, number>
  readonly entities: readonly Entity[]
}

/** A statement with its plans at the target and at more rows, and how its work grows. */
export interface Judged extends Verdict {
  readonly subject: TestedStatement
  readonly plan: PlanNode
  readonly costs: Costs
  /** The costs at the size with the worst growth; null where no larger size was planned. */
  readonly larger: Costs | null
  /** The entities whose rows determine its growth. */
  readonly growsWith: readonly Entity[]
  /** The plan at the size with the worst growth. */
  readonly largerPlan: PlanNode
}

/**
 * Plans every subject at the target, and again with `GROWTH_FACTOR` times the rows of each entity whose table it reads, one entity after
 * the other.
 */
export async function judgeGrowth(setup: GrowthSetup, subjects: readonly TestedStatement[]): Promise<readonly Judged[]> {
  const plans = await setup.scratch.explain(subjects.map((subject) => subject.text))
  const judged = subjects.flatMap((subject, i): readonly Judged[] => {
    const plan = plans[i]
    if (plan === undefined) return []
    const costs = costsOf(plan)
    return [{ subject, plan, costs, larger: null, growth: 'flat', by: 'rows', growsWith: [], largerPlan: plan }]
  })
  const done = [...judged]
  for (const entity of setup.entities) {
    const readers = done.flatMap((one, i) => (!isSmall(one.costs) && readsTable(one.plan, entity.table) ? [i] : []))
    if (readers.length === 0) continue
    const texts = readers.map((i) => done[i]?.subject.text ?? '')
    const larger = await atTimes(setup, entity, () => setup.scratch.explain(texts))
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

async function atTimes<T>({ scratch, rows }: GrowthSetup, entity: Entity, work: () => Promise<T>): Promise<T> {
  const target = rows.get(entity.name) ?? 1
  await scratch.setRows(entity.table, target * GROWTH_FACTOR)
  const result = await work()
  await scratch.setRows(entity.table, target)
  return result
}

function withGrowth(one: Judged, entity: Entity, plan: PlanNode): Judged {
  const larger = costsOf(plan)
  const { growth, by } = growthOf(workOf(one.plan, entity.table), workOf(plan, entity.table))
  const worse = BADNESS[growth] - BADNESS[one.growth]
  if (worse < 0) return one
  const dearer = worse > 0 || larger.expected > (one.larger?.expected ?? 0)
  return {
    ...one,
    growth,
    growsWith: growth === 'flat' ? [] : worse > 0 ? [entity] : [...one.growsWith, entity],
    ...(dearer ? { by, larger, largerPlan: plan } : {}),
  }
}
