/** The failures of calls to HTTP services, as code of a design gets them. */

import type { FAILURES } from './failure-catalogue.ts'

/** Why a call has failed, and the code of the failure that a request gets when its code does not catch the error. */
export const SERVICE_FAILURES = {
  /** The service answered with a status from 400 on. `status` and `body` have its answer. */
  status: 'service_failed',
  /** There was no connection, or it broke off. */
  unreachable: 'service_unreachable',
  /** There was no whole answer in time. */
  timeout: 'service_timeout',
  /** The answer is a redirect, which is not followed. */
  redirect: 'service_answer_invalid',
  /** The answer is larger than allowed. */
  'too-large': 'service_answer_invalid',
  /** The answer has another media type than the one asked for, such as a page in HTML. */
  'media-type': 'service_answer_invalid',
  /** The answer is compressed, or its text is not UTF-8. */
  encoding: 'service_answer_invalid',
  /** The answer is not JSON. */
  'not-json': 'service_answer_invalid',
  /** The JSON nests too deeply, or has too many keys and items. */
  'too-deep': 'service_answer_invalid',
  /** The JSON does not have the schema of the answer. */
  'wrong-schema': 'service_answer_invalid',
  /** The circuit breaker is open: too many calls have failed, so none is made for some time. */
  'breaker-open': 'service_unavailable',
  /** No access token could be got for the service. */
  credentials: 'service_unavailable',
  /** A variable that the design names for the service is not set. */
  unset: 'service_unavailable',
  /** The code that made the call has ended. */
  cancelled: 'service_unavailable',
  /** As many calls as allowed run and wait. */
  full: 'service_overloaded',
  /** The service is called for the caller, and nobody is signed in. */
  'no-caller': 'not_signed_in',
} as const satisfies Record<string, keyof typeof FAILURES>

/** Why a call to a service has failed. */
export type ServiceFailureReason = keyof typeof SERVICE_FAILURES

/** What is known of a failed call. */
export interface ServiceErrorFacts {
  /** The name of the service in the design. */
  readonly service: string
  readonly reason: ServiceFailureReason
  /** For the log and for development. It has neither secrets nor parts of the answer. */
  readonly note: string
  /** The status of the answer; undefined without one. */
  readonly status?: number | undefined
  /** The body of an answer with a status from 400 on: JSON, or undefined. */
  readonly body?: unknown
  /** Seconds after which a further call may succeed; undefined if nothing is known. */
  readonly retryAfterSeconds?: number | undefined
}

/** Tells these errors from others, also those that another copy of this package has made. */
const BRAND = Symbol.for('plinth.service-error')

/** A call to a service that has failed. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  /** The code of the failure that a request gets. */
  readonly code: (typeof SERVICE_FAILURES)[ServiceFailureReason]
  readonly service: string
  readonly reason: ServiceFailureReason
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  /** The JSON with which the service has refused; undefined without one. Loggers do not see it, because it is not enumerable. */
  declare readonly body: unknown
  readonly [BRAND] = true

  constructor({ service, reason, note, status, body, retryAfterSeconds }: ServiceErrorFacts) {
    super(`service ${service}: ${note}`)
    this.code = SERVICE_FAILURES[reason]
    this.service = service
    this.reason = reason
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
    Object.defineProperty(this, 'body', { value: body, enumerable: false })
  }
}

/** Whether a thrown value is the failure of a call to a service. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof ServiceError || (typeof error === 'object' && error !== null && (error as { [BRAND]?: unknown })[BRAND] === true)
}
