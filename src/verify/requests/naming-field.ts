/** Requests in GraphQL for a field that does not exist for their caller. */

import type { AbstractRequest } from '../expected/abstract-request.ts'
import type { Standpoint } from '../expected/expected.ts'

/** A field of an entity, for a caller. Null for no field. */
export interface NamedField extends Pick<Standpoint, 'entity' | 'sight'> {
  readonly field: string | null
}

/**
 * The same request, with the field by its name where it does not exist for the caller: it must be refused. GraphQL shows only what a
 * document names, so a document of the fields that exist would show nothing about it.
 */
export function namingField({ field, entity, sight }: NamedField, request: AbstractRequest | null): AbstractRequest | null {
  const isReading = request?.kind === 'get' || request?.kind === 'list'
  if (!isReading || field === null || sight.kind.readable(entity.name).has(field)) return request
  return { ...request, selected: { fields: ['id', field], include: new Map() } }
}
