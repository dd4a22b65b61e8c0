/** Rows that one caller may delete or change one after the other, whatever the order. */

import type { Entity } from '../../../model/model.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { type AllRows, isLive } from '../../expected/reference.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import type { PlannedWorld } from '../questions.ts'
import { isUnforeseen } from '../unforeseen.ts'
import { endsCaller, type RowVerb, requestsOf } from '../usual-request.ts'

/** Some rows, and the caller who may delete all of them. */
export interface DeletableRows {
  readonly user: string | null
  readonly ids: readonly string[]
  /** What is wrong after the deletes; null if all of the rows are gone. */
  readonly wrongIn: (after: AllRows) => string | null
}

/** Rows that a caller may delete, of which no delete takes another with it; null where a caller may delete fewer than two. */
export function deletableTogether(asking: PlannedWorld, entity: Entity, most: number): DeletableRows | null {
  const { reference } = asking
  const isApart = (user: string | null, id: string, others: readonly string[]): boolean => {
    const { change } = expectationOf(reference, user, { kind: 'delete', entity: entity.name, id, version: null })
    if (change.kind !== 'deleted') return false
    const left = new Set((change.rows.get(entity.name) ?? []).filter(isLive).map((row) => String(row.id)))
    return others.every((other) => left.has(other))
  }
  const found = rowsOf(asking, entity, { verb: 'delete', statuses: [204], most }, isApart)
  if (found === null) return null
  const { user, ids } = found
  const wrongIn = (after: AllRows): string | null => {
    const kept = (after.get(entity.name) ?? []).filter((row) => ids.includes(String(row.id)) && isLive(row))
    return kept.length === 0 ? null : `${kept.length} of ${ids.length} rows that were deleted are still there`
  }
  return { user, ids, wrongIn }
}

/** Changes of several rows by one caller, each with a request of its own; null where a caller may change fewer than two. */
export function changeableTogether(
  asking: PlannedWorld,
  entity: Entity,
  most: number,
): { readonly user: string | null; readonly changes: readonly { readonly id: string; readonly sent: SentOverHttp }[] } | null {
  // Changes of several rows to one unique value would be refused.
  const unique = new Set(uniquesOf(asking.reference.design.entities[entity.name]).flatMap(({ names }) => names))
  const found = rowsOf(asking, entity, { verb: 'update', statuses: [200], most, unique }, () => true)
  if (found === null) return null
  return {
    user: found.user,
    changes: found.requests.map(({ id, sent }) => ({ id, sent })),
  }
}

interface Seeking {
  readonly verb: RowVerb & ('delete' | 'update')
  readonly statuses: readonly number[]
  readonly most: number
  /** Fields that no change may have; none unless given. */
  readonly unique?: ReadonlySet<string>
}

interface FoundRows {
  readonly user: string | null
  readonly ids: readonly string[]
  readonly requests: readonly { readonly id: string; readonly sent: SentOverHttp }[]
}

function rowsOf(
  asking: PlannedWorld,
  entity: Entity,
  { verb, statuses, most, unique = new Set() }: Seeking,
  isApart: (user: string | null, id: string, others: readonly string[]) => boolean,
): FoundRows | null {
  const { reference } = asking
  const byUser = new Map<string | null, FoundRows>()
  for (const { user, request, expected } of requestsOf(asking, entity, verb)) {
    if ((request.kind !== 'delete' && request.kind !== 'update') || !expected.every((status) => statuses.includes(status))) continue
    if (isUnforeseen(reference, { user, request, api: 'rest' }) || endsCaller(asking, { user, request })) continue
    if (request.kind === 'update' && Object.keys(request.body).some((name) => unique.has(name))) continue
    const { ids, requests }: FoundRows = byUser.get(user) ?? { user, ids: [], requests: [] }
    const { id } = request
    if (ids.length === most || ids.includes(id) || !isApart(user, id, ids) || !ids.every((other) => isApart(user, other, [id]))) continue
    const sent = httpRequestOf(reference.model, request)
    byUser.set(user, { user, ids: [...ids, id], requests: [...requests, { id, sent }] })
  }
  const [best] = [...byUser.values()].toSorted((a, b) => b.ids.length - a.ids.length)
  return best === undefined || best.ids.length < 2 ? null : best
}
