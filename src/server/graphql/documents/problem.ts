/** Failures in the form of GraphQL's errors (specification, section 7.1.2), with the codes of REST. */

import type { GraphQLError } from 'graphql'
import type { Utf8 } from '../../../base/bytes/utf8.ts'
import { Failure, type FieldProblem, failure, invalid } from '../../../base/failure.ts'

/** An entry of `errors` in an answer (GraphQL specification, section 7.1.2). */
export interface Problem {
  readonly message: string
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: string; readonly traceId?: string; readonly errors?: Failure['errors'] }
  /** The failure that it tells of; absent for an error of graphql-js. No answer holds it. */
  readonly failure?: Failure
}

/** The result of an operation: the JSON of `data` in its form `B`, and the problems of its fields. */
export interface OperationOutcome<B extends string | Utf8 = string> {
  readonly data: B
  readonly problems: readonly Problem[]
  /** The errors behind the problems, for the log. */
  readonly defects: readonly unknown[]
}

/** Thrown when a whole request is refused. The answer has no data; it has this status if the client's media type allows it. */
export class GraphqlRefusal extends Error {
  override readonly name = 'GraphqlRefusal'
  readonly status: number
  readonly problems: readonly Problem[]
  /** Whether the request was well-formed. A client of `application/json` then expects 200 (GraphQL over HTTP, section 6.4.1). */
  readonly wellFormed: boolean
  readonly failure: Failure

  constructor(of: Failure, problems: readonly Problem[], wellFormed: boolean) {
    super(of.message)
    this.failure = of
    this.status = of.status
    this.problems = problems
    this.wellFormed = wellFormed
  }
}

/** The entry for a failure. Any other error becomes an internal error without details. */
export function problemOf(error: unknown, path?: readonly (string | number)[]): Problem {
  const known = asFailure(error)
  return {
    message: known.detail,
    ...(path === undefined ? {} : { path }),
    extensions: { code: known.publicCode, ...(known.errors.length === 0 ? {} : { errors: known.errors }) },
    failure: known,
  }
}

/** The error itself if it is a Failure, else Failure `internal_error`. */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : failure('internal_error', {})
}

/** Refuses a whole request because of one failure. */
export function graphqlRefusal(of: Failure, path?: readonly (string | number)[]): GraphqlRefusal {
  return new GraphqlRefusal(of, [problemOf(of, path)], of.code !== 'query_too_large' && of.code !== 'malformed_request')
}

/**
 * Removes the values of the request from a message of graphql-js. A value may be a password, and clients often log errors but not requests.
 * Names of fields and types stay.
 */
export function withoutValues(message: string): string {
  return message
    .replace(/,? found: [\s\S]*$/, '.')
    .replace(/( cannot represent [^:"]*value): [\s\S]*$/, '$1')
    .replace(/\b((?:Block)?String) "[\s\S]*"\.?$/, '$1.')
}

/** Refuses a request because of its variables. If `problems` is empty, the errors of graphql-js are used. */
export function wrongVariables(problems: readonly FieldProblem[], errors: readonly GraphQLError[]): GraphqlRefusal {
  return problems.length === 0 ? wrongly('validation_failed', errors) : graphqlRefusal(invalid(problems))
}

/** Refuses a request because of its document. */
export function wrongDocument(errors: readonly GraphQLError[]): GraphqlRefusal {
  return wrongly('invalid_document', errors)
}

function wrongly(code: 'invalid_document' | 'validation_failed', errors: readonly GraphQLError[]): GraphqlRefusal {
  const problems = errors.map(
    (error): Problem => ({
      message: withoutValues(error.message),
      ...(error.locations === undefined ? {} : { locations: error.locations.map(({ line, column }) => ({ line, column })) }),
      extensions: { code },
    }),
  )
  const of =
    code === 'invalid_document' ? failure(code, { what: withoutValues(errors[0]?.message ?? '') }) : failure(code, { count: errors.length })
  return new GraphqlRefusal(of, problems, true)
}
