/** Observations of the server as data, and the function that writes them to the log. */

import type { Failure } from '../../base/failure.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { SlowStatement } from '../../postgres/slow-statements.ts'
import type { BackendObservation } from '../../services/backends/observation.ts'
import type { BrokerObservation } from '../../services/broker/observation.ts'
import type { EventsObservation } from '../../services/events/observation.ts'
import type { ServiceObservation } from '../../services/http/observation.ts'
import type { IdentityObservation } from '../../services/identity/login/observation.ts'
import type { JobObservation } from '../../services/jobs/observation.ts'
import type { LimitsObservation } from '../../services/limits/limit-store.ts'
import type { WebhookObservation } from '../../services/webhooks/observation.ts'

/** An entry of the log that code of the design has written. */
export interface CodeLogEntry {
  readonly level: 'info' | 'warn' | 'error'
  /** Such as `action checkout`. */
  readonly code: string
  readonly message: string
  readonly fields: object
}

/** An event for operators. It never contains a password, a token or a value of a row, except
 * where code of the design logs one. */
export type Observation =
  | {
      readonly kind: 'request'
      readonly method: string
      readonly route: string
      readonly status: number
      readonly durationMs: number
      readonly traceId: string
    }
  | { readonly kind: 'request-failed'; readonly failure: Failure; readonly traceId: string }
  | { readonly kind: 'defect'; readonly error: unknown; readonly traceId: string }
  | { readonly kind: 'identity'; readonly of: IdentityObservation }
  | { readonly kind: 'events'; readonly of: EventsObservation }
  | { readonly kind: 'code'; readonly of: CodeLogEntry }
  | { readonly kind: 'job'; readonly of: JobObservation }
  | { readonly kind: 'webhook'; readonly of: WebhookObservation }
  | { readonly kind: 'service'; readonly of: ServiceObservation }
  | { readonly kind: 'backend'; readonly of: BackendObservation }
  | { readonly kind: 'broker'; readonly of: BrokerObservation }
  | { readonly kind: 'slow-statement'; readonly of: SlowStatement }
  | { readonly kind: 'limits'; readonly of: LimitsObservation }
  | { readonly kind: 'sweep-failed'; readonly service: string; readonly note: string }

/** Receives an observation, for the log or for measurements. */
export type Observe = (observation: Observation) => void

/** A structured logger, as pino has it. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The severity of what the engine of events reports. */
const EVENT_LEVELS = {
  'reaction-failed': 'warn',
  'gave-up': 'error',
  'engine-failed': 'error',
  'no-reader': 'warn',
} as const satisfies Record<EventsObservation['kind'], keyof Log>

/** The severity of what workers report. */
const JOB_LEVELS = {
  failed: 'warn',
  lost: 'warn',
  rescued: 'warn',
  'lease-over': 'warn',
  unattended: 'warn',
  trouble: 'error',
  scheduled: 'info',
} as const satisfies Record<JobObservation['kind'], keyof Log>

/** A call that failed, and a breaker that changes, is a warning. */
function logService(log: Log, { kind, ...fields }: ServiceObservation): void {
  const isUsual = 'reason' in fields && fields.reason === null
  log[isUsual ? 'info' : 'warn'](fields, `services: ${kind}`)
}

/** Writes observations to a log. */
export function logTo(log: Log): Observe {
  return (observation) => {
    switch (observation.kind) {
      case 'request': {
        const { kind: _, ...fields } = observation
        log.info(fields, `${observation.method} ${observation.route} ${observation.status}`)
        break
      }
      case 'request-failed': {
        const { code, note, status } = observation.failure
        // The answer has said everything about other refusals.
        if (status < 500 && note === undefined) break
        const write = status >= 500 ? log.error : log.info
        write.call(log, { code, note, traceId: observation.traceId }, `refused: ${code}`)
        break
      }
      case 'defect':
        log.error({ err: observation.error, traceId: observation.traceId }, 'defect')
        break
      case 'sweep-failed':
        log.warn({ service: observation.service, note: observation.note }, 'what has expired was not deleted')
        break
      case 'code': {
        const { level, code, message, fields } = observation.of
        log[level]({ ...fields, code }, message)
        break
      }
      case 'events': {
        const { kind, ...fields } = observation.of
        log[EVENT_LEVELS[kind]](fields, `events: ${kind}`)
        break
      }
      case 'job': {
        const { kind, ...fields } = observation.of
        log[JOB_LEVELS[kind]](fields, `jobs: ${kind}`)
        break
      }
      case 'webhook':
        log[observation.of.kind === 'trouble' ? 'error' : 'warn']({ ...observation.of }, `webhooks: ${observation.of.kind}`)
        break
      case 'service':
        logService(log, observation.of)
        break
      case 'backend':
        log[observation.of.kind === 'keys' ? 'info' : 'warn']({ ...observation.of }, `backends: ${observation.of.kind}`)
        break
      case 'broker': {
        const { kind, ...fields } = observation.of
        log[kind === 'connected' ? 'info' : 'warn'](fields, `broker: ${kind}`)
        break
      }
      case 'slow-statement':
        log.warn({ ...observation.of }, `slow statement: ${observation.of.statement}`)
        break
      case 'limits': {
        const { kind, ...fields } = observation.of
        log[kind === 'store-back' ? 'info' : 'error'](fields, `limits: ${kind}`)
        break
      }
      case 'identity':
        log.warn({ ...observation.of }, `identity: ${observation.of.kind}`)
        break
      default:
        return unreachable(observation)
    }
  }
}
