/** Who may delete which rows: found by deleting some of those that were made for it. */

import type { LoadOperation, MadeRequest, SampledRow } from './load-operations.ts'
import type { LoadWorld, PreparedCall, PreparedOperation, SignedCaller, Unprepared } from './prepare.ts'
import { schemeOf, sentOf, textOf } from './prepare.ts'
import { ownersOf } from './sample-rows.ts'

/** Rows that are deleted to see whether a caller may delete all such rows. All must be. */
const TRIED = 12
/** With fewer rows nothing can be measured. */
const LEAST = 200

interface Deletable {
  readonly row: SampledRow
  readonly caller: SignedCaller
}

/**
 * Prepares a delete. Either a caller may delete any row, or each caller its own; a rule that depends on more cannot be prepared. Each row
 * is deleted once, so requests get fewer when the rows are used up.
 *
 * @param rows to delete, in a random order.
 */
export async function prepareDeletes(
  world: LoadWorld,
  operation: LoadOperation,
  rows: readonly SampledRow[],
): Promise<PreparedOperation | Unprepared> {
  const owners = ownersOf(world.model, operation.entity)
  const isOwn = (row: SampledRow, { id }: SignedCaller): boolean => id !== null && owners.some((name) => row[name] === id)
  const kinds = [...Map.groupBy(world.callers, ({ label }) => label).values()].map(([first]) => first).filter((one) => one !== undefined)
  const byId = new Map(world.callers.map((caller) => [caller.id, caller]))
  const ownerOf = (row: SampledRow): SignedCaller | undefined =>
    owners.map((name) => byId.get(row[name] ?? '')).find((one) => one !== undefined)
  const ways: readonly (() => readonly Deletable[])[] = [
    ...kinds.map((caller) => () => rows.filter((row) => !isOwn(row, caller)).map((row) => ({ row, caller }))),
    () =>
      rows.flatMap((row) => {
        const caller = ownerOf(row)
        return caller === undefined ? [] : [{ row, caller }]
      }),
  ]
  const gone = new Set<SampledRow>()
  for (const way of ways) {
    const pairs = way().filter(({ row }) => !gone.has(row))
    const [tried, rest] = [pairs.slice(0, TRIED), pairs.slice(TRIED)]
    if (rest.length < LEAST) continue
    if (await areDeleted(world, operation, tried, gone)) return prepared(world, operation, rest)
  }
  if (rows.length < LEAST + TRIED) return { why: `${rows.length} rows could be added for it, a tenth of the table: too few` }
  return { why: 'no caller that was tried may delete all rows, or all of its own' }
}

async function areDeleted(
  world: LoadWorld,
  operation: LoadOperation,
  tried: readonly Deletable[],
  gone: Set<SampledRow>,
): Promise<boolean> {
  for (const { row, caller } of tried) {
    const { status } = await world.ask({ ...sentOf(requestFor(operation, row)), token: caller.token })
    if (status < 200 || status >= 300) return false
    gone.add(row)
  }
  return true
}

function requestFor(operation: LoadOperation, row: SampledRow): MadeRequest {
  const request = operation.request(row, 0, () => undefined)
  if (request === null) throw new Error('a delete needs no value')
  return request
}

function prepared(world: LoadWorld, operation: LoadOperation, pairs: readonly Deletable[]): PreparedOperation {
  let next = 0
  const calls = (count: number): readonly PreparedCall[] => {
    const taken = pairs.slice(next, next + count)
    next += taken.length
    return taken.map(({ row, caller }) => ({ request: requestFor(operation, row), caller }))
  }
  const scheme = schemeOf(world)
  return {
    ...{
      operation,
      room: pairs.length,
      callers: [...new Set(pairs.map(({ caller }) => caller.label))].sort(),
      sample: { body: '', type: 'application/json' },
      calls,
    },
    texts: (count) => calls(count).map(({ request, caller }) => textOf({ ...request, token: caller.token, scheme })),
    requests: (count) => calls(count).map(({ request, caller }) => ({ ...sentOf(request), token: caller.token })),
  }
}
