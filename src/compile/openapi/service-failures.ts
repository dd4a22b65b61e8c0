/** Failed calls to HTTP services in the OpenAPI document. Only designs with services have them. */

import { FAILURES, type FailureCode } from '../../base/failures/failure-catalogue.ts'
import type { Action } from '../../model/action.ts'
import type { Model } from '../../model/model.ts'
import { componentRef, type JsonObject } from './component-names.ts'

/** The codes of failed calls. */
export const SERVICE_CODES: readonly string[] = Object.keys(FAILURES).filter((code) => code.startsWith('service_'))

/** The codes that a backend adds because its code may call services; none for a design without services. */
export function serviceCodes({ httpServices }: Pick<Model, 'httpServices'>): readonly string[] {
  return httpServices.length === 0 ? [] : SERVICE_CODES
}

/** The responses 502 and 504 of an action whose code may call services; otherwise no response. */
export function serviceFailures({ httpServices }: Model, { run }: Action): JsonObject {
  if (httpServices.length === 0 || run?.ownTransaction !== true) return {}
  return { 502: response(502), 504: response(504) }
}

function response(status: number): JsonObject {
  const codes = SERVICE_CODES.filter((code) => FAILURES[code as FailureCode].status === status)
  const titles = codes.map((code) => FAILURES[code as FailureCode].title)
  const schema = { type: 'object', properties: { code: { enum: codes } } }
  const content = { 'application/problem+json': { schema: { allOf: [componentRef('schemas', 'Problem'), schema] } } }
  return { description: `${titles.join(', ')}.`, content }
}
