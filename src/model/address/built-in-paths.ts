/** The paths that a backend answers besides those that its design gives to actions. */

/** What decides which paths there are. */
export interface BuiltInParts {
  /** The paths of the entities, as last segments. */
  readonly entities: readonly string[]
  readonly hasIdentity: boolean
  /** The paths of actions without an address of their own. */
  readonly actions: readonly string[]
}

const ALWAYS = ['/docs', '/docs/scalar.js', '/graphql', '/graphql/schema', '/health/live', '/health/ready', '/openapi.json']
const AUTH = ['register', 'login', 'refresh', 'logout', 'me']

/** All paths, with names in braces: those of each entity, and the patterns of the router, such as `/api/{path}/{id}`. */
export function builtInPaths({ entities, hasIdentity, actions }: BuiltInParts): readonly string[] {
  const rows = ['{path}', ...entities].flatMap((path) => [`/api/${path}`, `/api/${path}/bulk`, `/api/${path}/{id}`])
  const auth = hasIdentity ? ['/.well-known/jwks.json', ...AUTH.map((name) => `/api/auth/${name}`)] : []
  const patterns = actions.flatMap((path) => [
    path,
    path.startsWith('/api/actions/') ? '/api/actions/{action}' : '/api/{path}/{id}/{action}',
  ])
  return [...ALWAYS, ...rows, '/api/transaction', ...auth, ...patterns]
}
