/** Whether what a statement costs grows with a table, from PostgreSQL's plans for it at two sizes. Pure. */

import type { PlanNode } from '../../postgres/explain.ts'

/**
 * `flat`: costs the same however large the tables are. `depends`: stops as soon as a page is full, so it is cheap while enough rows pass a condition, and reads
 * the whole table when hardly any does. `grows`: costs more the more rows there are.
 */
export type Growth = 'flat' | 'depends' | 'grows'

/** From best to worst. */
export const BADNESS: Readonly<Record<Growth, number>> = { flat: 0, depends: 1, grows: 2 }

/** How many times the target's rows the second plan is for. */
export const TIMES = 10

/** A cost that does not grow stays where it is, one that grows with the logarithm gains a few percent, one in proportion becomes ten times as much. */
const GROWN = 2

/** What costs less than this at ten times the rows (some 8,000 rows read, about a millisecond) is not worth an index. */
const SMALL = 100

/** A page that is expected to cost more than this at the target reads far too many rows to be said to stop early. */
const PAGE = 1_000

export interface Costs {
  /** What the planner expects. */
  readonly expected: number
  /** The same if no row passed the conditions by which pages stop early. */
  readonly worst: number
}

/** Whether a statement costs so little at the target that it would not be worth an index at `TIMES` as many rows, even if it grew with every one of them. */
export function isSmall({ worst }: Costs): boolean {
  return worst < SMALL / TIMES
}

/** Costs of a plan, in the planner's unit. */
export function costsOf(plan: PlanNode): Costs {
  return { expected: plan.totalCost, worst: plan.totalCost + hidden(plan) }
}

/** What the costs of plans at the target and at `TIMES` as many rows say. */
export function growthOf(target: Costs, larger: Costs): Growth {
  if (grown(target.expected, larger.expected)) return 'grows'
  if (!grown(target.worst, larger.worst)) return 'flat'
  return target.expected < PAGE ? 'depends' : 'grows'
}

function grown(before: number, after: number): boolean {
  return after >= SMALL && after >= GROWN * before
}

/**
 * Work that the planner leaves out of its estimate: of the steps under a LIMIT it counts the share that should fill the page, and of an EXISTS the share until
 * the first row. Where a condition drops rows on the way it may have to do them to the end.
 */
function hidden(plan: PlanNode): number {
  const inner = plan.inputs.reduce((sum, input) => sum + hidden(input) + (input.relation === 'SubPlan' ? input.totalCost : 0), 0)
  const [input] = plan.inputs
  if (plan.step !== 'Limit' || input === undefined || !drops(input)) return inner
  return inner + Math.max(0, input.totalCost - plan.totalCost)
}

const DROPPING_JOINS: ReadonlySet<string> = new Set(['Inner', 'Semi', 'Anti', 'Right Semi', 'Right Anti'])

function drops(plan: PlanNode): boolean {
  if (plan.filter !== null || (plan.join !== null && DROPPING_JOINS.has(plan.join))) return true
  return plan.inputs.some((input) => !isAside(input) && drops(input))
}

/** Computes a value for the step above and does not decide which rows there are. */
function isAside({ relation }: PlanNode): boolean {
  return relation === 'SubPlan' || relation === 'InitPlan'
}

/** How a statement gets at a table. */
export interface TableAccess {
  readonly table: string
  /** The index, or null when every row is read. */
  readonly index: string | null
}

/** Every way in which a plan reads tables, in the order of the plan, none twice. */
export function accessesOf(plan: PlanNode): readonly TableAccess[] {
  const found = new Map<string, TableAccess>()
  for (const node of nodesOf(plan)) {
    if (node.table === null || node.step === 'ModifyTable') continue
    const indexes = node.index === null ? bitmapIndexes(node) : [node.index]
    for (const index of indexes.length === 0 ? [null] : indexes) found.set(`${node.table} ${index}`, { table: node.table, index })
  }
  return [...found.values()]
}

function bitmapIndexes(node: PlanNode): readonly string[] {
  if (node.step !== 'Bitmap Heap Scan') return []
  return [...nodesOf(node)].flatMap((inner) => (inner.step === 'Bitmap Index Scan' && inner.index !== null ? [inner.index] : []))
}

/** A plan's steps, each before its inputs. */
export function* nodesOf(plan: PlanNode): Generator<PlanNode> {
  yield plan
  for (const input of plan.inputs) yield* nodesOf(input)
}

/** The step at which a table is read for the most: where to look for what is missing. Null when no table is read. */
export function dearestScan(plan: PlanNode, tables: ReadonlySet<string>): PlanNode | null {
  const scans = [...nodesOf(plan)].filter((node) => node.table !== null && tables.has(node.table) && node.step !== 'ModifyTable')
  return scans.reduce<PlanNode | null>((most, node) => (most === null || node.totalCost > most.totalCost ? node : most), null)
}
