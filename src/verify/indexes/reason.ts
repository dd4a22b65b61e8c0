/** Why a statement grows, from the plan that does. Pure. */

import type { PlanNode } from '../../postgres/explain.ts'
import { dearestScan, nodesOf } from './judge.ts'
import type { Reason } from './proof.ts'

/** Rows that are sorted in no time. */
const FEW = 1_000

/** The reason for a plan that grows with one of `tables`, or may. Null when the plan reads none of them. */
export function reasonFor(
  plan: PlanNode,
  how: { readonly growth: 'depends' | 'grows'; readonly counts: boolean; readonly tables: ReadonlySet<string> },
): Reason | null {
  if (how.counts && how.growth === 'grows') return { kind: 'counts' }
  const scan = dearestScan(plan, how.tables)
  if (scan === null || scan.table === null) return null
  const { table, filter: condition } = scan
  if (how.growth === 'depends') return { kind: 'passes', table, condition: condition ?? firstFilter(plan) }
  if (scan.step === 'Seq Scan') return { kind: 'scans', table, condition }
  const sorted = [...nodesOf(plan)].filter((node) => node.step === 'Sort').reduce((most, node) => Math.max(most, inputRows(node)), 0)
  return sorted > FEW ? { kind: 'sorts', table, rows: sorted } : { kind: 'reads', table, condition }
}

function inputRows(node: PlanNode): number {
  return node.inputs.reduce((sum, input) => sum + (input.relation === 'SubPlan' ? 0 : input.rows), 0)
}

function firstFilter(plan: PlanNode): string | null {
  for (const node of nodesOf(plan)) if (node.filter !== null) return node.filter
  return null
}
