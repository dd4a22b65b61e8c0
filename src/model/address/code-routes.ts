/** Routes that a design adds by code of its own. */

/** A route of the code. */
export interface DeclaredRoute {
  /** In upper case, such as `GET`. */
  readonly methods: readonly string[]
  /** In Fastify's notation: `/invoices/:id`. */
  readonly path: string
  /** The schema that the route declares, without references; null for none. */
  readonly schema: RouteSchema | null
}

/** What a route declares about itself: texts for documents, and JSON Schemas. */
export interface RouteSchema {
  readonly summary?: unknown
  readonly description?: unknown
  readonly tags?: unknown
  readonly operationId?: unknown
  readonly deprecated?: unknown
  readonly consumes?: unknown
  readonly produces?: unknown
  /** Left out of documents. */
  readonly hide?: unknown
  readonly body?: unknown
  readonly querystring?: unknown
  readonly query?: unknown
  readonly params?: unknown
  readonly headers?: unknown
  readonly response?: unknown
}

/** The routes of a design. */
export interface CodeRoutes {
  /** A Fastify plugin; a path while it is not written yet. */
  readonly code: ((...args: never[]) => unknown) | string
  /** The path of the file, for messages; null for a function in the design. */
  readonly file: string | null
  /** With `system` the code also gets the tables without rules. */
  readonly as: 'caller' | 'system'
  /** What the plugin declares; empty until it has been called once. */
  readonly declared: readonly DeclaredRoute[]
}
