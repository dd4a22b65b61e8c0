/**
 * The addresses of GraphQL, behind which everything is loaded by the first request that comes: the library is a quarter of what a small backend holds in
 * memory, and a backend that nobody asks by GraphQL does without it.
 */

import { failure } from '../../base/failure.ts'
import type { Handler, Handlers } from '../routes.ts'
import { GRAPHQL_PATH, SCHEMA_PATH } from './addresses.ts'
import type { GraphqlOptions } from './graphql.ts'

/** Handlers by address; the schema has an address of its own in development. */
export function graphqlDoor(options: GraphqlOptions): ReadonlyMap<string, Handlers> {
  let loading: Promise<ReadonlyMap<string, Handlers>> | undefined
  const through = (url: string, method: string): readonly [string, Handler] => [
    method,
    async (request) => {
      loading ??= import('./graphql.ts').then(({ graphqlRoutes }) => graphqlRoutes(options))
      const handler = (await loading).get(url)?.get(method)
      if (handler === undefined) throw failure('route_not_found', {})
      return handler(request)
    },
  ]
  const routes = new Map<string, Handlers>([[GRAPHQL_PATH, new Map([through(GRAPHQL_PATH, 'GET'), through(GRAPHQL_PATH, 'POST')])]])
  if (options.mode === 'development') routes.set(SCHEMA_PATH, new Map([through(SCHEMA_PATH, 'GET')]))
  return routes
}
