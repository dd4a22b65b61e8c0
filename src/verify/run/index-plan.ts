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

/** The indexes of all rows of a table, with the names of their columns and how these are ordered. */
const INDEXES = `
  select array(select a.attname::text from unnest(x.indkey) with ordinality k (n, at)
      left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.n order by k.at) as columns,
    string_to_array(x.indoption::text, ' ')::int[] as orders
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_am m on m.oid = i.relam
  where x.indrelid = $1::regclass and x.indisvalid and x.indpred is null and m.amname = 'btree'`

interface IndexRow {
  readonly columns: readonly (string | null)[]
  readonly orders: readonly number[]
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
      isIndexed: await isIndexed(client, { entity, equal, having, order }),
    }
  } finally {
    await client.query('rollback')
  }
}

/** Descending, with missing values first; an index is also read backwards. */
const DESCENDING = 3

async function isIndexed(client: Connection, { entity, equal, order }: IndexedList): Promise<boolean> {
  const { rows } = await client.query<IndexRow>(INDEXES, [quoted('public', entity.table)])
  const keys = [...equal, ...order].map(({ column }) => column)
  return rows.some(({ columns, orders }) => {
    const isReversed = order.map(({ descending }, i) => (orders[equal.length + i] ?? 0) !== (descending ? DESCENDING : 0))
    return keys.every((key, i) => columns[i] === key) && new Set(isReversed).size <= 1
  })
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}
