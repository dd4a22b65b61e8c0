/** Limits of GraphQL documents (docs/reference/graphql.md#limits). */

import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { readerOf } from '../probes.ts'
import type { AskedLimit } from './limit-probe.ts'

const BYTES = 15_360
const ALIASES = 15
const ALIAS_CHARACTERS = 63
const FIELDS = 500
const DIRECTIVES = 30
const ROOTS = 20

/** The limits of documents, with the page of an entity in some of them; none without GraphQL. */
export function documentLimits(asking: PlannedWorld, entity: Entity): readonly AskedLimit[] {
  if (!asking.reference.model.served.graphql) return []
  const { many } = schemaNamesOf(asking, entity)
  const user = readerOf(asking, entity)
  const times = (count: number, text: (i: number) => string): string => Array.from({ length: count }, (_, i) => text(i)).join(' ')
  const page = (inside: string): string => `{ ${many}(first: 1) { nodes { ${inside} } } }`
  const limits: readonly (readonly [goal: string, most: number, document: (count: number) => string])[] = [
    ['bytes', BYTES, (count) => '{ __typename }'.padEnd(count)],
    ['aliases', ALIASES, (count) => `{ ${times(count, (i) => `a${i}: __typename`)} }`],
    ['aliases-in-fragments', ALIASES, (count) => `{ ...f } fragment f on Query { ${times(count, (i) => `a${i}: __typename`)} }`],
    ['alias-characters', ALIAS_CHARACTERS, (count) => `{ ${'a'.repeat(count)}: __typename }`],
    // The page and its nodes are two of the fields.
    ['fields', FIELDS, (count) => page(times(count - 2, () => 'id'))],
    ['directives', DIRECTIVES, (count) => page(times(count, () => 'id @include(if: true)'))],
    ['roots', ROOTS, (count) => `{ ${times(count, () => '__typename')} }`],
  ]
  return limits.map(([goal, most, document]) => ({
    ...{ goal: `document-${goal}`, user, most, reached: 'served' },
    having: (count) => ({ method: 'POST', url: '/graphql', body: { query: document(count) } }),
  }))
}
