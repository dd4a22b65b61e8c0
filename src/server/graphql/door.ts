/**
 * The addresses of GraphQL, behind which everything is loaded when it is first needed, or before, once the server has nothing more urgent to do: the
 * library takes time to load, and a server should answer the first request of any kind at once.
 */

import { failure } from '../../base/failure.ts'
import type { Handler, Handlers } from '../http/route.ts'
import { GRAPHQL_PATH, SCHEMA_PATH } from './addresses.ts'
import type { GraphqlOptions } from './graphql.ts'

export interface GraphqlDoor {
  /** Handlers by address; the schema has an address of its own in development. */
  readonly routes: ReadonlyMap<string, Handlers>
  /** Loads what the first request would have to wait for. Never rejects: whatever is wrong is told to that request. */
  preload(): Promise<void>
}

/** The door of a design. Nothing is loaded yet. */
export function graphqlDoor(options: GraphqlOptions): GraphqlDoor {
  let loading: Promise<ReadonlyMap<string, Handlers>> | undefined
  const load = () => {
    loading ??= import('./graphql.ts')
      .then(({ graphqlRoutes }) => graphqlRoutes(options))
      .catch((error: unknown) => {
        // The next request tries again.
        loading = undefined
        throw error
      })
    return loading
  }
  const through = (url: string, method: string): readonly [string, Handler] => [
    method,
    async (request) => {
      const handler = (await load()).get(url)?.get(method)
      if (handler === undefined) throw failure('route_not_found', {})
      return handler(request)
    },
  ]
  const routes = new Map<string, Handlers>([[GRAPHQL_PATH, new Map([through(GRAPHQL_PATH, 'GET'), through(GRAPHQL_PATH, 'POST')])]])
  if (options.mode === 'development') routes.set(SCHEMA_PATH, new Map([through(SCHEMA_PATH, 'GET')]))
  return {
    routes,
    async preload() {
      await load().catch(() => {})
    },
  }
}
