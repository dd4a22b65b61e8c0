/** How many rows a statement looks at, as EXPLAIN ANALYZE says. Unlike times, this is the same on every machine. */

import { sql } from '../../src/base/sql/sql.ts'
import type { Run, Statement, Values } from '../../src/base/sql/statement.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/** Runs a statement. Gives the rows of all its scans of tables and indexes, also those that a condition removes. */
export async function rowsRead(run: Run, statement: Statement, values: Values): Promise<number> {
  const explain = { name: 'explain', sql: sql`explain (analyze, format json) ${statement.sql}` }
  const [row] = await run(explain, values)
  const [{ Plan }] = JSON.parse(row?.[0] ?? '') as [{ readonly Plan: PlanNode }]
  return rowsOf(Plan)
}

function rowsOf(node: PlanNode): number {
  const below = (node.Plans ?? []).reduce((sum, inner) => sum + rowsOf(inner), 0)
  const isOfTable = /^(Seq|Index|Index Only|Bitmap Heap|Tid) Scan$/.test(node['Node Type'])
  return below + (isOfTable ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'] : 0)
}
