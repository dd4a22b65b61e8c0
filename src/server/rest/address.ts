/** What the addresses of rows name: `/api/<entity>` and `/api/<entity>/<id>`. */

import { type Failure, failure } from '../../base/failure.ts'
import { memo } from '../../base/memo.ts'
import { textTable } from '../../base/texts/text-hash.ts'
import type { EntityView } from '../../compile/rules/view.ts'
import type { Caller } from '../../model/caller.ts'
import type { Entity, Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { getsSuggestions, nearest } from '../plan/did-you-mean.ts'
import type { Stack } from '../run/stack.ts'

/** The rows that the path of a request names. */
export interface RowTarget {
  readonly entity: Entity
  /** Null for the collection. */
  readonly id: string | null
}

/** The end of the message that refuses a path with an extra slash. */
export const SLASH_HINT = '; leave out the slash at its end'

/** Segments of an address after `/api`, decoded. */
export interface RowAddress {
  readonly path: string
  readonly id: string | null
}

const entityAt = memo((model: Model) => textTable(model.entities.map((entity) => [entity.path, entity])))

/** The rows that an address names; null when no entity has the path, or the id is empty. */
export function findTarget(model: Model, { path, id }: RowAddress): RowTarget | null {
  const entity = entityAt(model)(path)
  return entity === undefined || id === '' ? null : { entity, id }
}

/** The failure of an address for which `findTarget` finds nothing. It suggests only entities that the caller may use. */
export function noSuchAddress({ model, context }: Stack, caller: Caller, { path, id }: RowAddress): Failure {
  if (entityAt(model)(path) !== undefined && id === '') return failure('route_not_found', { hint: SLASH_HINT })
  const { view } = context.viewFor(caller)
  const paths = [...view.entities.values()].filter(isUsable).map(({ entity }) => entity.path)
  return failure('route_not_found', { hint: getsSuggestions({ context, caller }) ? nearest(path, paths) : '' })
}

function isUsable({ read, create, updateFrom, delete: remove }: EntityView): boolean {
  return [read, create, updateFrom, remove].some((rule) => !isNever(rule))
}
