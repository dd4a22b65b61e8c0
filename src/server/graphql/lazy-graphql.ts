/**
 * The handlers of GraphQL's endpoints. They load the GraphQL library at the first request or when `preload` is called. Loading takes some
 * tenths of a second, and requests to other endpoints must not wait for it.
 */

import type { Compiled } from '../../compile/compile.ts'
import type { GraphqlEndpointName } from '../../compile/endpoints/page-endpoints.ts'
import type { Handler, HandlersOf } from '../http/route.ts'
import type { GraphqlOptions } from './graphql.ts'

/** The GraphQL endpoints, whose code is loaded with the first request. */
export interface LazyGraphql {
  readonly handlers: HandlersOf<GraphqlEndpointName>
  /** Loads the library. Never rejects: if loading fails, the first request fails with the same error. */
  preload(): Promise<void>
}

/** The GraphQL API of a backend. Nothing is loaded yet. */
export function lazyGraphql(compiled: Compiled, options: GraphqlOptions): LazyGraphql {
  let loading: Promise<HandlersOf<GraphqlEndpointName>> | undefined
  const load = () => {
    loading ??= Promise.all([import('./graphql.ts'), compiled.graphql()])
      .then(([{ graphqlHandlers }, schemas]) => graphqlHandlers(options, schemas))
      .catch((error: unknown) => {
        // The next request tries again.
        loading = undefined
        throw error
      })
    return loading
  }
  const handlerOf =
    (name: GraphqlEndpointName): Handler =>
    async (request) =>
      (await load())[name](request)
  return {
    handlers: {
      getGraphql: handlerOf('getGraphql'),
      postGraphql: handlerOf('postGraphql'),
      getGraphqlSchema: handlerOf('getGraphqlSchema'),
    },
    async preload() {
      await load().catch(() => {})
    },
  }
}
