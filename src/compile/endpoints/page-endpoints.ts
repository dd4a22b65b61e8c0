/** The endpoints of GraphQL, and the pages that a browser shows in development. The OpenAPI document leaves them out. */

import { LIMITS } from '../../base/limits.ts'
import type { Endpoint } from './endpoint.ts'

const COMMON = {
  method: 'GET',
  presence: 'in-development',
  parameters: { query: 'ignored', headers: [] },
  body: 'none',
  auth: 'none',
  idempotent: false,
  answers: 'page',
  failures: [],
  limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
  description: null,
} as const

/** The interactive reference, the page at `/`, and the mails that were sent. */
export const PAGE_ENDPOINTS = {
  getDocs: { ...COMMON, path: '/docs' },
  getDocsScript: { ...COMMON, path: '/docs/scalar.js' },
  getFirstPage: { ...COMMON, path: '/' },
  getMailbox: { ...COMMON, path: '/dev/mail' },
} as const satisfies Readonly<Record<string, Endpoint>>

const GRAPHQL = {
  ...COMMON,
  path: '/graphql',
  presence: 'always',
  parameters: { query: 'read', headers: [] },
  auth: 'optional',
  answers: 'graphql',
} as const

/** GraphQL over HTTP, and in development the text of the schema. */
export const GRAPHQL_ENDPOINTS = {
  getGraphql: GRAPHQL,
  postGraphql: { ...GRAPHQL, method: 'POST', parameters: { query: 'ignored', headers: [] }, body: 'required', idempotent: true },
  getGraphqlSchema: { ...COMMON, path: '/graphql/schema', auth: 'optional', answers: 'json' },
} as const satisfies Readonly<Record<string, Endpoint>>

/** The name of an endpoint of GraphQL. */
export type GraphqlEndpointName = keyof typeof GRAPHQL_ENDPOINTS
