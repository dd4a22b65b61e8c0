/** F100 for parameters that are texts and no filters: words to search, cursors, and names in queries, in REST and in GraphQL. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import { searchedFields } from '../../expected/written-design.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { readerOf, type SecurityProbe } from '../probes.ts'
import { sending } from '../sending.ts'

/** Texts as they stand in an address: characters that no column holds, no UTF-8, much text, and the operators of searches. */
const ENCODED = [
  ...['%00', 'a%00b', '%ED%A0%80', '%ED%B0%80x', '%F4%90%80%80', '%C0%80', '%EF%BF%BE', '%E2%80%8B', '%F0%9F%A6%8A'],
  ...[
    "'",
    '"',
    '%22a',
    'a%22%20b',
    '%5C',
    '%5C%22',
    '(',
    ')',
    '((a',
    '!',
    '!!',
    '%26',
    'a%20%26%20b',
    'a%20%7C%20',
    '%7C',
    ':*',
    'a:*',
    ':',
  ],
  ...['%3C-%3E', '%3C2%3E', 'a%20%3C-%3E', '*', '-', '--a', '-%22', 'or', 'and%20or', '%20', '%09', '%0A', 'a%0D%0Ab', ',', '.', '%2F'],
  ...['a'.repeat(8_000), 'a%20'.repeat(499), '%22'.repeat(999), '!'.repeat(900), '('.repeat(900)],
]

/** The same for variables of GraphQL, as JSON. */
const IN_JSON = [
  ...[
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udc00 x"',
    '"\\ufffe"',
    '"\'"',
    '"\\""',
    '"\\\\"',
    '"a & "',
    '"!"',
    '":*"',
    '"("',
    '"<->"',
    '""',
  ],
  ...['" "', `"${'a'.repeat(8_000)}"`, `"${'!'.repeat(900)}"`, `"${'\\\\'.repeat(400)}"`],
]

/**
 * The probes of an entity. A search is asked wherever there is one.
 *
 * @param forms whether the other parameters are asked. They mean the same for all entities, so one entity is enough.
 */
export function hostileParameters(asking: PlannedWorld, entity: Entity, forms: boolean): readonly SecurityProbe[] {
  const { reference } = asking
  const user = readerOf(asking, entity)
  const isSearched = searchedFields(reference.design.entities[entity.name]).length > 0
  const names = [...(isSearched ? ['search'] : []), ...(forms ? ['page[after]', 'sort', 'fields', 'include', 'count', 'page[size]'] : [])]
  if (names.length === 0) return []
  const at = `${restBase(reference.model)}/${entity.path}`
  const inRest = names.flatMap((name) => ENCODED.map((text): SentOverHttp => ({ method: 'GET', url: `${at}?${name}=${text}` })))
  const given = [...(isSearched ? ['search'] : []), ...(forms ? ['after', 'where'] : [])]
  const { many } = schemaNamesOf({ reference }, entity)
  const inGraphql = given.flatMap((name) =>
    IN_JSON.map((text): SentOverHttp => {
      const query = `query ($text: String) { ${many}(${name}: $text, first: 2) { nodes { id } } }`
      return { method: 'POST', url: '/graphql', body: `{"query":${JSON.stringify(query)},"variables":{"text":${text}}}` }
    }),
  )
  return [
    sending({ goal: 'parameters', user, requests: inRest }),
    ...(hasApi(reference.model, 'graphql') && inGraphql.length > 0
      ? [sending({ goal: 'parameters-graphql', user, requests: inGraphql })]
      : []),
  ]
}
