/** What is sent and by whom: requests, callers, and the rows that requests are made from. */

/** The GraphQL interfaces of Plinth and of PostGraphile. */
export type GraphqlDialect = 'graphql' | 'postgraphile'

/** `rest` and `graphql`: the blog's interfaces as Plinth has them; `directus`: its REST; `constant`: the requests of `rest`, answered 200 whatever they ask. */
export type Dialect = 'rest' | GraphqlDialect | 'directus' | 'constant'

/** A user who sends requests. */
export interface Caller {
  readonly id: string
  readonly email: string
  /** Access token, signed by the server's own key. */
  readonly token: string
}

/** What requests are made from: rows that exist, and who asks. */
export interface Sample {
  /** Published posts; everybody may read them. */
  readonly posts: readonly string[]
  /** Users with at least ten published posts. */
  readonly authors: readonly string[]
  /** Users on whose posts there are comments. */
  readonly commented: readonly string[]
  readonly callers: readonly Caller[]
  /** Staff; only asks, to see whether the rules hold. */
  readonly moderator: Caller
  /** Posts with the index of the caller who wrote them. */
  readonly own: readonly { readonly id: string; readonly caller: number }[]
  readonly hot: string
  /** Users who can log in with `password`. */
  readonly logins: readonly string[]
  readonly password: string
}

/** What signs tokens: one Ed25519 key for all, or a secret for libraries without Ed25519; for Directus with its own claims. */
export type TokenKind = 'EdDSA' | 'HS256' | 'Directus'

/** The same rows and callers, with tokens of each kind. */
export type Samples = Readonly<Record<TokenKind, Sample>>

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly token: string | null
  /** JSON text in ASCII. */
  readonly body: string | null
}
