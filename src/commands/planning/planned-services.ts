/** The HTTP services of a plan. */

import { unreachable } from '../../base/unreachable.ts'
import { type Configured, type HttpService, type ServiceAuth, variablesOfService } from '../../model/http/http-service.ts'
import type { Model } from '../../model/model.ts'
import { callersOfServices } from '../../model/names/service-callers.ts'
import { columns, count, seconds } from '../terminal/layout.ts'

/** A service. */
export interface PlannedService {
  readonly service: string
  /** Its address, or the variable that has it. */
  readonly baseUrl: string
  /** How calls are authorized, in words. */
  readonly auth: string
  readonly timeoutMs: number
  readonly retries: number
  readonly circuitBreaker: HttpService['circuitBreaker']
  readonly concurrency: number
  readonly queue: number
  readonly answerBytes: number
  /** The number of operations of its OpenAPI document; null without one. */
  readonly operations: number | null
  /** The environment variables that it needs. */
  readonly variables: readonly string[]
}

/** The services, and the code that may call them. */
export interface PlannedServices {
  readonly services: readonly PlannedService[]
  readonly callers: readonly string[]
}

/** The services of a model, in its order. */
export function plannedServices(model: Model): PlannedServices {
  const services = model.httpServices.map((service) => ({
    service: service.name,
    baseUrl: configured(service.baseUrl),
    auth: authWords(service.auth),
    timeoutMs: service.timeoutMs,
    retries: service.retries,
    circuitBreaker: service.circuitBreaker,
    concurrency: service.concurrency,
    queue: service.queue,
    answerBytes: service.answerBytes,
    operations: service.client?.operations.length ?? null,
    variables: variablesOfService(service),
  }))
  return { services, callers: services.length === 0 ? [] : callersOfServices(model) }
}

function configured(one: Configured): string {
  return one.kind === 'stated' ? one.value : one.name
}

function authWords(auth: ServiceAuth): string {
  switch (auth.kind) {
    case 'none':
      return 'not authorized'
    case 'bearer':
      return 'bearer token'
    case 'basic':
      return 'user and password'
    case 'header':
      return `header ${auth.header}`
    case 'oauth':
      return `OAuth 2.0 by ${configured(auth.tokenUrl)}`
    case 'signed':
      return auth.as === 'caller' ? 'FOR THE CALLER' : 'for this backend'
    default:
      return unreachable(auth)
  }
}

/** Each service with its limits, and then the code that may call services. */
export function serviceLines({ services, callers }: PlannedServices, heading: string): readonly string[] {
  if (services.length === 0) return []
  const rows = services.map((service) => [service.service, service.baseUrl, service.auth, limitsOf(service).join(', ')])
  return [heading, ...columns(rows, '  '), `  called by ${callers.length === 0 ? 'nothing' : callers.join(', ')}`]
}

function limitsOf({ timeoutMs, retries, circuitBreaker, concurrency, queue, answerBytes, operations }: PlannedService): readonly string[] {
  const { failures, pauseMs } = circuitBreaker
  return [
    `within ${seconds(timeoutMs)}`,
    `up to ${retries} repeated`,
    `${concurrency} at a time and ${queue} waiting`,
    `stops for ${seconds(pauseMs)} after ${failures === null ? 'half of 20 calls failed' : `${failures} failures in a row`}`,
    `${answerBytes} bytes`,
    ...(operations === null ? [] : [count(operations, 'operation')]),
  ]
}
