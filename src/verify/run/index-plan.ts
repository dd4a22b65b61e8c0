/** How PostgreSQL would read a list: asked where nothing but an index is cheap. */

import type { Connection } from '../../postgres/connect.ts'
import { quoted } from '../../postgres/schema/ddl.ts'
import type { IndexedList, ListPlanFacts } from '../cases/indexed-list.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

/** Plans a list, with sorts and reads of whole tables as a last resort. */
export async function listPlan(client: Connection, { entity, equal, having, order }: IndexedList): Promise<ListPlanFacts> {
  const values = [...equal.map(({ value }) => value), ...(having === null ? [] : [[having.item]])]
  const conditions = [
    ...equal.map(({ column }, i) => `t.${quoted(column)} = $${i + 1}`),
    ...(having === null ? [] : [`t.${quoted(having.column)} @> $${equal.length + 1}`]),
  ]
  const keys = order.map(({ column, descending }) => `t.${quoted(column)}${descending ? ' desc' : ''}`)
  const text = [
    `select t.id from ${quoted('public', entity.table)} t`,
    ...(conditions.length === 0 ? [] : [`where ${conditions.join(' and ')}`]),
    ...(keys.length === 0 ? [] : [`order by ${keys.join(', ')}`]),
    'limit 20',
  ].join(' ')
  await client.query('begin')
  try {
    await client.query('set local enable_seqscan = off; set local enable_sort = off; set local enable_incremental_sort = off')
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(`explain (format json) ${text}`, values)
    const nodes = rows[0]?.['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)) ?? []
    return {
      indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
      conditions: nodes.flatMap((node) => node['Index Cond'] ?? []).join(' '),
      isSorted: nodes.some((node) => node['Node Type'].includes('Sort')),
      isScanned: nodes.some((node) => node['Node Type'] === 'Seq Scan'),
    }
  } finally {
    await client.query('rollback')
  }
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}
