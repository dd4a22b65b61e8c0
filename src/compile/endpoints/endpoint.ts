/** Describes an endpoint of the HTTP API as data: everything except its handler. */

/** The HTTP methods that endpoints have; HEAD and OPTIONS come with them. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** Statuses of failures that the OpenAPI document describes. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 406 | 408 | 409 | 412 | 413 | 414 | 415 | 416 | 422 | 429 | 431 | 500 | 503

/** A request header, by the name of its parameter component. `Idempotency-Key` has its own field: `idempotent`. */
export type HeaderParameter = 'IfNoneMatch' | 'IfMatch' | 'Prefer'

/** A schema of the OpenAPI document that belongs to no entity. */
export type ServiceSchema =
  | 'Transaction'
  | 'TransactionResults'
  | 'SignedIn'
  | 'Tokens'
  | 'Credentials'
  | 'RefreshToken'
  | 'KeySet'
  | 'HealthStatus'

/** An endpoint of the HTTP API. */
export interface Endpoint {
  readonly method: Method
  /**
   * The path, which is also the label of the endpoint in observations. `:path` stands for the path of an entity, `:id` for the id of a row,
   * `:action` for the name of an action. In the addresses that a design gives, the names are those of the design.
   */
  readonly path: string
  /** The backends that have the endpoint. */
  readonly presence: 'always' | 'with-identity' | 'with-actions' | 'with-row-actions' | 'in-development'
  readonly parameters: {
    /** `read`: the handler reads the query string. `refused`: any parameter is an error. `ignored`: parameters have no effect. */
    readonly query: 'read' | 'refused' | 'ignored'
    readonly headers: readonly HeaderParameter[]
    /** The headers of inputs of an action, in lower case; absent for none. */
    readonly inputs?: readonly string[]
  }
  /** The body of a request. `stream`: the handler reads it as it arrives, in any media type. */
  readonly body: 'none' | 'optional' | 'required' | 'stream'
  /** The media type of the body: a form, or else JSON. */
  readonly accepts?: 'form'
  /** Whether `Authorization` is read, and whether only signed-in callers get an answer. Access rules of rows apply in addition. */
  readonly auth: 'none' | 'optional' | 'required'
  /** Whether a repetition with the same `Idempotency-Key` has no further effect. */
  readonly idempotent: boolean
  /**
   * `json`, `csv`, `html`: what the endpoint answers and `Accept` must allow. `redirect`: no body. `page`: HTML or a script of Plinth
   * itself. `file`: the bytes of a file. `graphql`: the forms of GraphQL over HTTP. Problems are `application/problem+json`; of `html`,
   * `redirect` and forms, pages for browsers.
   */
  readonly answers: 'json' | 'csv' | 'html' | 'redirect' | 'page' | 'file' | 'graphql'
  /** The failures in the OpenAPI document, ascending; empty for endpoints that are not in it. */
  readonly failures: readonly ErrorStatus[]
  readonly limit: {
    /** Bytes of a body. */
    readonly bodyBytes: number
    /** Whether a request counts for the rate limit of its caller. */
    readonly counted: boolean
    /** Milliseconds for the transaction of a write; null: each statement has its own limit. */
    readonly transactionMs: number | null
  }
  /** Null for endpoints that the OpenAPI document leaves out, or describes for each entity. */
  readonly description: Description | null
}

/** The part of an endpoint's OpenAPI description that is the same in every design. */
export interface Description {
  readonly tag: 'authentication' | 'service'
  readonly summary: string
  readonly text: string
  /** Schema of the body; null where there is no body or where the design decides. */
  readonly request: ServiceSchema | null
  readonly answer: {
    readonly status: 200 | 201 | 204
    readonly text: string
    /** Null where there is no body, or where the schema depends on the design. */
    readonly schema: ServiceSchema | null
    readonly media: 'application/json' | 'application/jwk-set+json'
  }
}
