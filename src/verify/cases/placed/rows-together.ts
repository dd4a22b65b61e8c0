/** Rows that one caller may delete or change one after the other, whatever the order. */

import type { Entity } from '../../../model/model.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { type AllRows, isLive } from '../../expected/reference.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import type { PlannedWorld } from '../questions.ts'
import { isUnforeseen } from '../unforeseen.ts'
import { endsCaller, type RowVerb, requestsOf } from '../usual-request.ts'

/** Some rows, each with its request, and the caller who may send all of them. */
export interface RowsTogether {
  readonly user: string | null
  readonly requests: readonly { readonly id: string; readonly sent: SentOverHttp }[]
}

/** Rows that a caller may delete, of which no delete takes another with it; null where a caller may delete fewer than two. */
export function deletableTogether(asking: PlannedWorld, entity: Entity, most: number): RowsTogether | null {
  const { reference } = asking
  const isApart = (user: string | null, id: string, others: readonly string[]): boolean => {
    const { change } = expectationOf(reference, user, { kind: 'delete', entity: entity.name, id, version: null })
    if (change.kind !== 'deleted') return false
    const left = new Set((change.rows.get(entity.name) ?? []).filter(isLive).map((row) => String(row.id)))
    return others.every((other) => left.has(other))
  }
  return rowsOf(asking, entity, { verb: 'delete', statuses: [204], most }, isApart)
}

/** What is wrong after the deletes; null if all of the rows are gone. */
export function keptRows(entity: Entity, { requests }: RowsTogether, after: AllRows): string | null {
  const ids = new Set(requests.map(({ id }) => id))
  const kept = (after.get(entity.name) ?? []).filter((row) => ids.has(String(row.id)) && isLive(row))
  return kept.length === 0 ? null : `${kept.length} of ${ids.size} rows that were deleted are still there`
}

/** Rows that a caller may change; null where a caller may change fewer than two. */
export function changeableTogether(asking: PlannedWorld, entity: Entity, most: number): RowsTogether | null {
  // Changes of several rows to one unique value would be refused.
  const unique = new Set(uniquesOf(asking.reference.design.entities[entity.name]).flatMap(({ names }) => names))
  return rowsOf(asking, entity, { verb: 'update', statuses: [200], most, unique }, () => true)
}

interface Seeking {
  readonly verb: RowVerb & ('delete' | 'update')
  readonly statuses: readonly number[]
  readonly most: number
  /** Fields that no change may have; none unless given. */
  readonly unique?: ReadonlySet<string>
}

function rowsOf(
  asking: PlannedWorld,
  entity: Entity,
  { verb, statuses, most, unique = new Set() }: Seeking,
  isApart: (user: string | null, id: string, others: readonly string[]) => boolean,
): RowsTogether | null {
  const { reference } = asking
  const byUser = new Map<string | null, RowsTogether>()
  for (const { user, request, expected } of requestsOf(asking, entity, verb)) {
    if ((request.kind !== 'delete' && request.kind !== 'update') || !expected.every((status) => statuses.includes(status))) continue
    if (isUnforeseen(reference, { user, request, api: 'rest' }) || endsCaller(asking, { user, request })) continue
    if (request.kind === 'update' && Object.keys(request.body).some((name) => unique.has(name))) continue
    const { requests }: RowsTogether = byUser.get(user) ?? { user, requests: [] }
    const ids = requests.map((one) => one.id)
    const { id } = request
    if (ids.length === most || ids.includes(id) || !isApart(user, id, ids) || !ids.every((other) => isApart(user, other, [id]))) continue
    const sent = httpRequestOf(reference.model, request)
    byUser.set(user, { user, requests: [...requests, { id, sent }] })
  }
  const [best] = [...byUser.values()].toSorted((a, b) => b.requests.length - a.requests.length)
  return best === undefined || best.requests.length < 2 ? null : best
}
