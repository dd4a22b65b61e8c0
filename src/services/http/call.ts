/** Makes a call to a service: with its time limit, its guard and its credentials. */

import { randomBytes } from 'node:crypto'
import { isServiceError, ServiceError, type ServiceFailureReason } from '../../base/failures/service-error.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ServiceAnswer } from '../../design/authoring/behaviour-design.ts'
import type { HttpService } from '../../model/http/http-service.ts'
import { retryAfterMs } from '../outgoing/retry-after.ts'
import type { Credentials } from './credentials.ts'
import type { Exchanged } from './exchange.ts'
import type { Guard } from './guard.ts'
import type { ServiceObservation } from './observation.ts'
import type { ServiceRequest } from './request.ts'
import { requireSchema } from './schema.ts'
import type { ServiceRun } from './services.ts'

/** The parts of one service that all of its calls share. */
export interface CallerDeps {
  readonly service: HttpService
  readonly guard: Guard
  readonly credentials: Credentials
  /** Sends a request below the base URL. @throws ServiceError when the base URL is not set */
  readonly send: (request: ServiceRequest, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Exchanged>
  readonly observe: (observation: ServiceObservation) => void
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** Milliseconds before the end of the code at which a call ends, so that the code can still act on it. */
const MARGIN_MS = 100

/** Makes the function that calls a service. @returns a function that throws ServiceError */
export function openCaller(deps: CallerDeps): (request: ServiceRequest, run: ServiceRun) => Promise<ServiceAnswer<unknown>> {
  return async (request, run) => {
    const { service, observe, now } = deps
    const began = now()
    const attempts = { made: 0 }
    const told = (status: number | null, reason: ServiceFailureReason | null): void =>
      observe({
        kind: 'call',
        service: service.name,
        method: request.method,
        status,
        reason,
        attempts: attempts.made,
        durationMs: now() - began,
        traceId: run.traceId,
      })
    try {
      const answer = await callInTime(deps, { request, run, attempts })
      told(answer.status, null)
      return answer
    } catch (error) {
      if (isServiceError(error)) told(error.status ?? null, error.reason)
      throw error
    }
  }
}

interface Calling {
  readonly request: ServiceRequest
  readonly run: ServiceRun
  readonly attempts: { made: number }
}

/** Makes the call, and gives it up when its time is over, whatever it waits for. */
async function callInTime(deps: CallerDeps, { request, run, attempts }: Calling): Promise<ServiceAnswer<unknown>> {
  const { service, guard, credentials, now } = deps
  // A call that cannot be made says nothing about the service, so the guard does not see it.
  credentials.requireCaller(run.caller)
  const withinMs = Math.min(request.timeoutMs ?? service.timeoutMs, run.ends - now() - MARGIN_MS)
  const ends = now() + withinMs
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), Math.max(0, withinMs))
  const signal = AbortSignal.any([late.signal, run.signal])
  const aborted = (): ServiceError =>
    run.signal.aborted
      ? errorOf(service, 'cancelled', 'the code that made the call has ended')
      : errorOf(service, 'timeout', `no whole answer within ${Math.max(0, Math.round(withinMs))} ms`)
  const { promise: over, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(aborted())
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  try {
    const attempt = (): Promise<ServiceAnswer<unknown>> => {
      attempts.made += 1
      return attemptOnce(deps, { request, run, signal, aborted })
    }
    const mayRepeat = (error: ServiceError): boolean => request.isIdempotent || NOT_SENT.has(error)
    const running = guard.run({ attempt, mayRepeat, leftMs: () => ends - now(), signal, aborted })
    running.catch(() => {})
    return await Promise.race([running, over])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** The errors of requests that the service has surely not got. */
const NOT_SENT = new WeakSet<ServiceError>()

interface Attempting {
  readonly request: ServiceRequest
  readonly run: ServiceRun
  readonly signal: AbortSignal
  readonly aborted: () => ServiceError
}

/** Sends the request; once more with a new token, if the service refuses an old one. */
async function attemptOnce(deps: CallerDeps, { request, run, signal, aborted }: Attempting): Promise<ServiceAnswer<unknown>> {
  const { service, credentials, send } = deps
  let authorization: Readonly<Record<string, string>> = {}
  const sendNow = async (): Promise<Exchanged> => {
    try {
      authorization = await credentials.headersFor(run.caller, signal)
      return await send(request, { ...request.headers, ...traceHeaders(run.traceId), ...authorization }, signal)
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' }
      throw error
    }
  }
  const first = await sendNow()
  const exchanged = first.kind === 'refused' && first.status === 401 && credentials.refused(authorization) ? await sendNow() : first
  switch (exchanged.kind) {
    case 'answer': {
      const { status, headers, body } = exchanged
      const schema = request.schemaOf(status)
      if (schema === 'unknown') throw errorOf(service, 'wrong-schema', `its document has no answer ${status}`, status)
      if (typeof schema === 'object') await requireSchema(service.name, schema, body)
      return Object.freeze({ status, headers, body: schema === false ? undefined : body })
    }
    case 'refused': {
      const { status, headers, body } = exchanged
      const askedMs = retryAfterMs(headers['retry-after'], Date.now())
      const retryAfterSeconds = askedMs === null ? undefined : Math.ceil(askedMs / 1_000)
      throw new ServiceError({ service: service.name, reason: 'status', note: `it answered ${status}`, status, body, retryAfterSeconds })
    }
    case 'unusable':
      throw errorOf(service, exchanged.reason, exchanged.note, exchanged.status ?? undefined)
    case 'unreachable': {
      const error = errorOf(service, 'unreachable', exchanged.note)
      if (!exchanged.sent) NOT_SENT.add(error)
      throw error
    }
    case 'aborted':
      throw aborted()
    default:
      return unreachable(exchanged)
  }
}

function errorOf({ name }: HttpService, reason: ServiceFailureReason, note: string, status?: number): ServiceError {
  return new ServiceError({ service: name, reason, note, status })
}

/** The trace of the request that runs the code (W3C Trace Context), with a new id for this call. */
function traceHeaders(traceId: string): Readonly<Record<string, string>> {
  return { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`, 'x-request-id': traceId }
}
