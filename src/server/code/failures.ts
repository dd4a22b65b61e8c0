/** Turns what code throws into failures of the request, and says where in the project an error comes from. */

import { inspect } from 'node:util'
import { Failure, failure } from '../../base/failure.ts'
import { FAILURES, type FailureCode } from '../../base/failures/failure-catalogue.ts'
import { isServiceError, type ServiceError } from '../../base/failures/service-error.ts'
import { errorsOf, isProblem, type Problem } from '../../base/problem.ts'
import type { Model } from '../../model/model.ts'
import { placeInProject } from '../run/project-files.ts'

/** The code that has failed. */
export interface FailedCode {
  /** For people: `action checkout`. */
  readonly name: string
  readonly model: Model
  /** Whether the client may see what went wrong and where. */
  readonly explains: boolean
}

/** The status of a problem with a code that neither the design nor Plinth declares. */
const CONFLICT = 409

/** The failure for something that code has thrown. The note, which only the log has, names the file and the line. */
export function codeFailure(code: FailedCode, error: unknown): Failure {
  if (error instanceof Failure) return error
  if (isProblem(error)) return problemFailure(code, error)
  if (isServiceError(error)) return serviceFailure(code, error)
  return defect(code, error)
}

function problemFailure(failed: FailedCode, thrown: Problem): Failure {
  const { code, options } = thrown
  const errors = errorsOf(thrown)
  const isWorded = options.message !== undefined
  const declared = failed.model.codes.find((one) => one.code === code)
  if (declared === undefined && isOwn(code)) {
    // Code cannot choose a code that stands for a fault of the server.
    if (FAILURES[code].status >= 499) return defect(failed, thrown)
    return new Failure(code, options.message ?? FAILURES[code].title, { errors, isWorded })
  }
  const message = options.message ?? declared?.message ?? code.replaceAll('_', ' ')
  const status = declared?.status ?? options.status ?? CONFLICT
  return new Failure('refused_by_design', message, { declared: { code, status }, errors, isWorded })
}

/** The failure for a failed call to a service. In production it says neither which service it was nor why. */
function serviceFailure({ explains }: FailedCode, { code, message, retryAfterSeconds }: ServiceError): Failure {
  const { status } = FAILURES[code]
  const said = failure(code, {}).detail
  const seconds = status === 503 ? Math.max(1, Math.ceil(retryAfterSeconds ?? 1)) : undefined
  return new Failure(code, explains ? `${said} (${message})` : said, { note: message, retryAfterSeconds: seconds })
}

/** Whether a code is one of Plinth's. */
function isOwn(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code)
}

/** The failure for an unexpected error of the code. */
export function defect({ name, explains }: FailedCode, error: unknown): Failure {
  const said =
    error instanceof Error ? `${error.name}: ${error.message}` : `${inspect(error, { depth: 1, maxStringLength: 200 })} was thrown`
  const place = error instanceof Error ? placeInProject(error) : null
  const at = place === null ? '' : ` (${place})`
  const known = failure('internal_error', {}, `${name}: ${said}${at}`)
  return explains ? new Failure('internal_error', `${name} failed: ${said}${at}`, { note: known.note }) : known
}
