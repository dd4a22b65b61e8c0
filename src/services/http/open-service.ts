/** One HTTP service of a backend: its connections, its guard and its credentials, which all of its calls share. */

import { Pool } from 'undici'
import { ServiceError } from '../../base/failures/service-error.ts'
import type { ServiceAnswer } from '../../design/authoring/behaviour-design.ts'
import { type Configured, type HttpService, variablesOfService } from '../../model/http/http-service.ts'
import { openCaller } from './call.ts'
import { openCredentials } from './credentials.ts'
import { type Exchanged, exchange, type Sending } from './exchange.ts'
import { openGuard } from './guard.ts'
import type { ServiceRequest } from './request.ts'
import type { ServiceRun, ServicesOptions } from './services.ts'

/** A service, until it is closed. */
export interface OpenService {
  /** Makes a call. @throws ServiceError */
  readonly call: (request: ServiceRequest, run: ServiceRun) => Promise<ServiceAnswer<unknown>>
  readonly close: () => Promise<void>
}

/** Milliseconds to connect, and for which an unused connection stays open. */
const CONNECT_MS = 2_000
const IDLE_MS = 4_000
/** The most bytes of the headers of an answer. */
const HEADER_BYTES = 16_384

/** Opens a service. It connects when the first call needs it. */
export function openService(service: HttpService, { variables, sign, observe, now }: ServicesOptions): OpenService {
  const { name, concurrency } = service
  const pools = new Map<string, Pool>()
  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin)
    if (known !== undefined) return known
    // The call has a time limit of its own, for everything together.
    const limits = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: HEADER_BYTES }
    const pool = new Pool(origin, { ...limits, connections: concurrency, connect: { timeout: CONNECT_MS }, keepAliveTimeout: IDLE_MS })
    pools.set(origin, pool)
    return pool
  }
  const settingOf = (variable: string): string => {
    const value = variables.get(variable)
    if (value !== undefined) return value
    const missing = [...new Set([...variablesOfService(service).filter((each) => !variables.has(each)), variable])]
    const note = missing.length === 1 ? `the variable ${variable} is not set` : `the variables ${missing.join(', ')} are not set`
    throw new ServiceError({ service: name, reason: 'unset', note })
  }
  const configured = (one: Configured): string => (one.kind === 'stated' ? one.value : settingOf(one.name))
  const sendTo = (url: string, sending: Omit<Sending, 'path'>): Promise<Exchanged> => {
    const { origin, pathname, search } = new URL(url)
    return exchange(poolOf(origin), { ...sending, path: `${pathname}${search}` })
  }
  const send = (request: ServiceRequest, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Exchanged> => {
    const { origin, pathname } = new URL(configured(service.baseUrl))
    const { method, path, body, form } = request
    const whole = `${pathname.replace(/\/$/, '')}${path}`
    return exchange(poolOf(origin), { method, path: whole, headers, body, form, answerBytes: service.answerBytes, signal })
  }
  const credentials = openCredentials({ service, settingOf, configured, sign, sendTo, now })
  const guard = openGuard(service, { random: Math.random, now, observe })
  return {
    call: openCaller({ service, guard, credentials, send, observe, now }),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}
