/** Defects that only some forms of GraphQL documents show. */

import type { SentRequest } from '../../../src/verify/run/stage.ts'
import { answers, type ProxiedFault, requests, saying } from './proxied.ts'

interface Document {
  readonly query: string
  readonly variables?: { readonly f?: { readonly not?: unknown } }
}

/** The document in a request to GraphQL; null for any other request. */
function documentOf({ url, body }: SentRequest): Document | null {
  return url === '/graphql' && typeof body === 'object' && body !== null && 'query' in body ? (body as Document) : null
}

/** The defects. */
export const DOCUMENT_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a filter forgets what must not be',
    only: 'documents/User/filter-not',
    named: /the data are/,
    answer: requests((asked) => {
      const { not, ...f } = documentOf(asked)?.variables?.f ?? {}
      return not === undefined ? asked : { ...asked, body: { ...(asked.body as object), variables: { f } } }
    }),
  },
  {
    what: 'a page behind a cursor says that none is before it',
    only: 'documents/User/cursors-of-edges',
    named: /page 2 is/,
    answer: answers((answer) =>
      answer.text.includes('"hasPreviousPage":true')
        ? saying(answer, JSON.parse(answer.text.replace('"hasPreviousPage":true', '"hasPreviousPage":false')))
        : answer,
    ),
  },
  {
    what: 'a directive in a fragment has no effect',
    only: 'documents/User/skipped',
    named: /__typename/,
    answer: requests((asked) => {
      const document = documentOf(asked)
      return document === null ? asked : { ...asked, body: { ...document, query: document.query.replaceAll(' @skip(if: true)', '') } }
    }),
  },
]
