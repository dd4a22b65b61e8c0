/** Query plans of PostgreSQL, as data. */

import type { Connection } from './connect.ts'

/** One step of a plan, with the steps that it reads from. Costs are in the planner's unit, for one execution of the step and its inputs. */
export interface PlanNode {
  /** The name in EXPLAIN: `Index Scan`. */
  readonly step: string
  /** The role in the parent step: `Outer`, `Inner`, `SubPlan`, `InitPlan` …; null at the top. */
  readonly relation: string | null
  readonly table: string | null
  readonly index: string | null
  /** Whether a condition limits the part of an index that is read. */
  readonly seeks: boolean
  readonly rows: number
  readonly startupCost: number
  readonly totalCost: number
  /** A condition that drops rows after they are read; null when an index applies the condition. */
  readonly filter: string | null
  /** `Inner`, `Left`, `Semi` …; null for a step that is not a join. */
  readonly join: string | null
  readonly inputs: readonly PlanNode[]
}

interface Explained {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Plan Rows': number
  readonly 'Startup Cost': number
  readonly 'Total Cost': number
  readonly 'Index Cond'?: string
  readonly Filter?: string
  readonly 'Join Filter'?: string
  readonly 'Join Type'?: string
  readonly Plans?: readonly Explained[]
}

/** The number of statements that are sent to the server at a time. */
const BATCH = 50

/**
 * Returns the generic plans of statements with parameters `$1, $2, …`, in order. The executor uses generic plans as well. Nothing is
 * executed.
 *
 * @throws the driver's error for a statement that cannot be planned.
 */
export async function explain(client: Connection, statements: readonly string[]): Promise<readonly PlanNode[]> {
  const plans: PlanNode[] = []
  for (let i = 0; i < statements.length; i += BATCH) {
    const texts = statements.slice(i, i + BATCH).map((statement) => `explain (generic_plan, format json) ${statement}`)
    const results: unknown = await client.query(texts.join(';\n'))
    for (const result of Array.isArray(results) ? results : [results]) plans.push(planOf(result))
  }
  return plans
}

function planOf(result: { readonly rows: readonly { readonly 'QUERY PLAN': readonly { readonly Plan: Explained }[] }[] }): PlanNode {
  const plan = result.rows[0]?.['QUERY PLAN'][0]?.Plan
  if (plan === undefined) throw new Error('EXPLAIN gave no plan')
  return nodeOf(plan)
}

function nodeOf(plan: Explained): PlanNode {
  return {
    step: plan['Node Type'],
    relation: plan['Parent Relationship'] ?? null,
    table: plan['Relation Name'] ?? null,
    index: plan['Index Name'] ?? null,
    seeks: plan['Index Cond'] !== undefined || plan['Node Type'] === 'Bitmap Heap Scan',
    rows: plan['Plan Rows'],
    startupCost: plan['Startup Cost'],
    totalCost: plan['Total Cost'],
    filter: droppingFilter(plan),
    join: plan['Join Type'] ?? null,
    inputs: (plan.Plans ?? []).map(nodeOf),
  }
}

/**
 * The condition that drops rows. A row comparison (the next page of a list) may use an index that has only its first column. EXPLAIN then
 * shows that column as the index condition and the whole comparison as a filter. The filter drops only rows with equal values in that
 * column, so it is ignored.
 */
function droppingFilter(plan: Explained): string | null {
  const filter = plan.Filter ?? plan['Join Filter'] ?? null
  const first = /^\(ROW\(([^,]+), [^()]*\) [<>] ROW\([^()]*\)\)$/.exec(filter ?? '')?.[1]
  const bounded =
    first !== undefined && (plan['Index Cond'] ?? '').match(/\([^()]*\)/g)?.some((one) => /^\(.+ [<>]= /.test(one) && one.includes(first))
  return bounded === true ? null : filter
}
