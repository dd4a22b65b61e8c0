/** Finds the reason why the cost of a statement grows, from its plan. Pure. */

import type { PlanNode } from '../../postgres/explain.ts'
import { stepsOf } from './costs.ts'
import { dearestScan, type Verdict } from './judge.ts'
import type { GrowthReason } from './proof.ts'

/** Up to this many rows, sorting costs next to nothing. */
const FEW = 1_000

/** The reason why a plan grows, or may grow, with one of `tables`. Null when the plan reads none of them. */
export function reasonFor(
  plan: PlanNode,
  how: Verdict & { readonly counts: boolean; readonly tables: ReadonlySet<string> },
): GrowthReason | null {
  if (how.counts && how.growth === 'grows') return { kind: 'counts' }
  const scan = dearestScan(plan, how.tables)
  if (scan === null || scan.table === null) return null
  const { table, filter: condition } = scan
  if (how.by === 'page') return { kind: 'passes', table, condition: condition ?? firstFilter(plan) }
  if (scan.step === 'Seq Scan') return { kind: 'scans', table, condition }
  const sorted = [...stepsOf(plan)].reduce(
    (most, { node, runs }) => (node.step === 'Sort' ? Math.max(most, inputRows(node) * runs) : most),
    0,
  )
  return sorted > FEW ? { kind: 'sorts', table, rows: sorted } : { kind: 'reads', table, condition }
}

function inputRows(node: PlanNode): number {
  return node.inputs.reduce((sum, input) => sum + (input.relation === 'SubPlan' ? 0 : input.rows), 0)
}

function firstFilter(plan: PlanNode): string | null {
  for (const { node } of stepsOf(plan)) if (node.filter !== null) return node.filter
  return null
}
