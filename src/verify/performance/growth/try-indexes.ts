/** Indexes for an operation that grows: those that the design declares and the database lacks, and those that the design could declare. */

import { desiredDatabase } from '../../../compile/tables/tables.ts'
import type { Model } from '../../../model/model.ts'
import type { Connection } from '../../../postgres/connect.ts'
import { createIndex, quoted } from '../../../postgres/schema/ddl.ts'
import { candidatesFor, spelledIndex } from '../../indexes/candidates.ts'
import { operationsOf } from '../../indexes/operations.ts'
import { trialIndex } from '../../indexes/remedies.ts'
import type { LoadOperation } from '../operations/load-operations.ts'
import type { TriedIndex } from '../performance-report.ts'

/** An index that may help. */
export interface TrialIndex extends Pick<TriedIndex, 'from' | 'index'> {
  /** The statement that makes it, and its name. */
  readonly make: string
  readonly name: string
}

/** The most indexes that are tried for one operation. */
const MOST_TRIED = 3

/** The indexes to try for an operation, most promising first. */
export async function trialIndexes(client: Connection, model: Model, operation: LoadOperation): Promise<readonly TrialIndex[]> {
  return [...(await missingIndexes(client, model)), ...advisedIndexes(model, operation)].slice(0, MOST_TRIED)
}

/** The indexes that the design declares, or that its references need, and that the database does not have. */
async function missingIndexes(client: Connection, model: Model): Promise<readonly TrialIndex[]> {
  const { rows } = await client.query<{ name: string }>("select indexname as name from pg_indexes where schemaname = 'public'")
  const there = new Set(rows.map(({ name }) => name))
  return desiredDatabase(model).tables.flatMap(({ name: table, indexes }) =>
    indexes
      .filter(({ name }) => !there.has(name))
      .map((index) => {
        const make = createIndex({ schema: 'public', table, how: 'at-once' }, index)
        return { from: 'declared' as const, index: make, make, name: index.name }
      }),
  )
}

/** Indexes that follow from the plan of the same request, as `plan` advises them. */
function advisedIndexes(model: Model, { entity, what }: LoadOperation): readonly TrialIndex[] {
  const label = labelOf(what)
  const planned = operationsOf(model)(entity).operations.filter((one) => one.label === label)
  const found = planned.flatMap(({ plan }) => candidatesFor(model, plan))
  return [...new Map(found.map((one) => [`${one.entity.name} ${spelledIndex(one)}`, one])).values()].map((candidate) => {
    const index = trialIndex(candidate)
    return {
      from: 'advised',
      index: `${candidate.entity.name}: ${spelledIndex(candidate).join(', ')}`,
      make: createIndex({ schema: 'public', table: candidate.entity.table, how: 'at-once' }, index),
      name: index.name,
    }
  })
}

/** The name of a request in `plan`: `list filter[author] sort=-createdAt` for `GET /api/posts?filter[author]=…&sort=-createdAt`. */
export function labelOf(what: string): string {
  const [path = '', query = ''] = what.slice(what.indexOf(' ') + 1).split('?')
  const parameters = query === '' ? [] : query.split('&').map((parameter) => parameter.replace(/=…$/, ''))
  return [path.endsWith('/{id}') ? 'get' : 'list', ...parameters].join(' ')
}

/** Does something while the index is there. */
export async function withIndex<T>(client: Connection, { make, name }: TrialIndex, work: () => Promise<T>): Promise<T> {
  await client.query(make)
  try {
    return await work()
  } finally {
    await client.query(`drop index public.${quoted(name)}`)
  }
}
