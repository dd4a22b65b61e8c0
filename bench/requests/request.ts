/** Types of requests: who sends them, and the rows that they are made from. */

/** The GraphQL interfaces of Plinth and of PostGraphile. */
export type GraphqlDialect = 'graphql' | 'postgraphile'

/**
 * The interface that a server speaks. `rest` and `graphql`: those of Plinth; `directus`: Directus' REST; `constant`: the requests of
 * `rest`, always answered 200.
 */
export type Dialect = 'rest' | GraphqlDialect | 'directus' | 'constant'

/** A user who sends requests. */
export interface Caller {
  readonly id: string
  readonly email: string
  /** Access token, signed by the server's own key. */
  readonly token: string
}

/** Rows and callers that requests are made from. */
export interface Sample {
  /** Published posts, which everyone may read. */
  readonly posts: readonly string[]
  /** Users with at least ten published posts. */
  readonly authors: readonly string[]
  /** Users on whose posts there are comments. */
  readonly commented: readonly string[]
  readonly callers: readonly Caller[]
  /** A moderator; used only in checks of the rules. */
  readonly moderator: Caller
  /** Posts, each with the index of its author in `callers`. */
  readonly own: readonly { readonly id: string; readonly caller: number }[]
  readonly hot: string
  /** Users who can log in with `password`. */
  readonly logins: readonly string[]
  readonly password: string
}

/** How tokens are signed: by one Ed25519 key, by a secret for libraries without Ed25519, or for Directus with its own claims. */
export type TokenKind = 'EdDSA' | 'HS256' | 'Directus'

/** The same rows and callers, with tokens of each kind. */
export type Samples = Readonly<Record<TokenKind, Sample>>

/** A request to a server. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly token: string | null
  /** The scheme of the token; `Bearer` unless given. */
  readonly scheme?: string
  /** JSON text in ASCII. */
  readonly body: string | null
}
