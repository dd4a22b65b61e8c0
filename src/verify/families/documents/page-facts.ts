/** What the documents of one entity are about: a page of its rows as one caller sees it. */

import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { orderOfValues } from '../../expected/compare.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { idScalarName, schemaNamesOf } from '../../requests/graphql-words.ts'

/** The names and rows that documents need. */
export interface PageFacts {
  readonly entity: Entity
  /** The account that asks; null for an anonymous caller. */
  readonly user: string | null
  /** The rows that it sees, by id. At least three. */
  readonly rows: readonly PlainRow[]
  readonly ids: readonly string[]
  /** Root fields of a page and of one row. */
  readonly many: string
  readonly one: string
  /** The names of the types of a row, a page, a filter and an id. */
  readonly types: { readonly row: string; readonly page: string; readonly filter: string; readonly id: string }
  /** The member with the global id; null if the design uses its name. */
  readonly nodeId: string | null
}

/**
 * The caller who sees most rows of an entity, as documents need it. Null if nobody sees three rows, if there are more than fit on a page,
 * or if ids are references.
 */
export function pageFacts({ reference, world }: PlannedWorld, entity: Entity): PageFacts | null {
  if (entity.fields[0]?.type.kind !== 'scalar') return null
  const seen = [...world.accounts, null].flatMap((user) => {
    const sight = reference.sightOf(user)
    return sight.kind.mayHold(entity.name, 'read') ? [{ user, rows: sight.masked().get(entity.name) ?? [] }] : []
  })
  const [most] = seen.toSorted((a, b) => b.rows.length - a.rows.length)
  if (most === undefined || most.rows.length < 3 || most.rows.length > 100) return null
  const rows = most.rows.toSorted((a, b) => orderOfValues(a.id ?? null, b.id ?? null))
  const { types, many, one, nodeId } = schemaNamesOf({ reference }, entity)
  const named = (part: '' | 'Connection' | 'Filter'): string => types.get(part) ?? ''
  return {
    ...{ entity, user: most.user, rows, ids: rows.map(({ id }) => String(id)), many, one, nodeId },
    types: { row: named(''), page: named('Connection'), filter: named('Filter'), id: idScalarName(entity) },
  }
}
