/** Tells whether the cost of a statement grows with a table, from its plans at two sizes. Pure. */

import type { PlanNode } from '../../postgres/explain.ts'
import { type Costs, stepsOf, type Work } from './costs.ts'

/**
 * `flat`: costs the same however large the tables are. `depends`: stops as soon as a page is full, so it is cheap while enough rows pass a
 * condition, and reads the whole table when almost no row does. `grows`: costs more the more rows there are.
 */
export type Growth = 'flat' | 'depends' | 'grows'

/** From best to worst. */
export const BADNESS: Readonly<Record<Growth, number>> = { flat: 0, depends: 1, grows: 2 }

/** The second plan is for this many times the rows of the target. */
export const GROWTH_FACTOR = 10

/** A cost grows if it at least doubles. Logarithmic growth adds a few percent; proportional growth multiplies the cost by ten. */
const GROWN = 2

/** A statement that costs less than this at ten times the rows (about 8,000 rows read, about a millisecond) needs no index. */
const SMALL = 100

/** A page that costs more than this at the target reads too many rows to count as stopping early. */
const PAGE = 1_000

/**
 * Whether a statement costs so little at the target that it needs no index at `GROWTH_FACTOR` times the rows, even with proportional
 * growth.
 */
export function isSmall({ worst }: Costs): boolean {
  return worst < SMALL / GROWTH_FACTOR
}

/**
 * How the cost of a statement changes with more rows. `by` has the cause: more rows cost more, or a page reads too many rows before it is
 * full.
 */
export interface Verdict {
  readonly growth: Growth
  readonly by: 'rows' | 'page'
}

/** Judges the growth of a statement from its plans at the target and at `GROWTH_FACTOR` times the rows of one table. */
export function growthOf(target: Work, larger: Work): Verdict {
  if (grown(target.found, larger.found) || grown(target.shown, larger.shown)) return { growth: 'grows', by: 'rows' }
  if (!grown(target.worst, larger.worst) && !grown(target.expected, larger.expected)) return { growth: 'flat', by: 'rows' }
  return { growth: target.page < PAGE ? 'depends' : 'grows', by: 'page' }
}

function grown(before: number, after: number): boolean {
  return after >= SMALL && after >= GROWN * before
}

/** How a statement reads a table. */
export interface TableAccess {
  readonly table: string
  /** The index, or null when every row is read. */
  readonly index: string | null
}

/** Every way in which a plan reads tables, each once, in the order of the plan. */
export function accessesOf(plan: PlanNode): readonly TableAccess[] {
  const found = new Map<string, TableAccess>()
  for (const { node } of stepsOf(plan)) {
    if (node.table === null || node.step === 'ModifyTable') continue
    const indexes = node.index === null ? bitmapIndexes(node) : [node.index]
    for (const index of indexes.length === 0 ? [null] : indexes) found.set(`${node.table} ${index}`, { table: node.table, index })
  }
  return [...found.values()]
}

function bitmapIndexes(node: PlanNode): readonly string[] {
  if (node.step !== 'Bitmap Heap Scan') return []
  return [...stepsOf(node)].flatMap(({ node: inner }) => (inner.step === 'Bitmap Index Scan' && inner.index !== null ? [inner.index] : []))
}

/**
 * The most expensive step, over all its runs, that reads one of the tables: the likely place for an index. Null when no step reads them.
 */
export function dearestScan(plan: PlanNode, tables: ReadonlySet<string>): PlanNode | null {
  let most: { readonly node: PlanNode; readonly cost: number } | null = null
  for (const { node, runs } of stepsOf(plan)) {
    if (node.table === null || !tables.has(node.table) || node.step === 'ModifyTable') continue
    const cost = node.totalCost * runs
    if (most === null || cost > most.cost) most = { node, cost }
  }
  return most?.node ?? null
}
