/** Defects that only some forms of documents, queries and bodies show. */

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
  {
    what: 'of two filters about one field the last one counts',
    only: 'documents/queries/twice-one-filter',
    named: /the rows are .+, expected none/,
    answer: requests((asked) => ({ ...asked, url: asked.url.replace(/filter\[id\]=[^&]+&(filter\[id\]=)/, '$1') })),
  },
  {
    what: 'a transaction takes two operations of one name',
    only: 'documents/bodies/transaction-name-twice',
    named: /status 200/,
    answer: requests((asked) => {
      const { operations } = (typeof asked.body === 'object' ? asked.body : {}) as {
        readonly operations?: readonly Readonly<{ name?: unknown }>[]
      }
      const isTwice = operations?.[1]?.name !== undefined && operations[1].name === operations[0]?.name
      return isTwice ? { ...asked, body: { operations: operations?.map(({ name: _, ...operation }) => operation) } } : asked
    }),
  },
  {
    what: 'a mutation that is refused ends the document',
    only: 'documents/mutations/mutation-first-refused',
    named: /the mutations are/,
    answer: requests((asked) => {
      const document = documentOf(asked)
      if (document === null || !document.query.startsWith('mutation (')) return asked
      return { ...asked, body: { ...document, query: document.query.replace(') {', ') @atomic {') } }
    }),
  },
]
