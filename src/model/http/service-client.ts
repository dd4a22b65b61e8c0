/** The operations of a service, as its OpenAPI document describes them. */

/** A JSON Schema (2020-12). Its references are `#/$defs/<name>`, names of `ServiceClientModel.schemas`. */
export type ClientSchema = boolean | { readonly [keyword: string]: unknown }

/** A value that an operation takes beside its body. */
export interface OperationParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: ClientSchema
  /** Whether a list is sent as one text with commas, and not as several values. */
  readonly joined: boolean
}

/** The body that an operation takes. */
export interface OperationBody {
  readonly as: 'json' | 'form'
  readonly required: boolean
  readonly schema: ClientSchema
}

/** An answer from 200 to 299. */
export interface OperationAnswer {
  /** The status; `2XX` or `default` for all that are not named. */
  readonly status: string
  /** Null for an answer without a body. */
  readonly schema: ClientSchema | null
}

/** An operation that code calls by its name. */
export interface ServiceOperation {
  /** The `operationId`. */
  readonly name: string
  readonly description: string | null
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/charges/{id}`. */
  readonly path: string
  readonly parameters: readonly OperationParameter[]
  readonly body: OperationBody | null
  /** Whether the document asks for the header `Idempotency-Key`. */
  readonly needsKey: boolean
  readonly accept: 'json' | 'text' | 'bytes'
  readonly answers: readonly OperationAnswer[]
}

/** What a document says about a service. */
export interface ServiceClientModel {
  readonly operations: readonly ServiceOperation[]
  /** The schemas to which others refer, by name. */
  readonly schemas: { readonly [name: string]: ClientSchema }
}
