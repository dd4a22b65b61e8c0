/**
 * Protects a backend from a service that fails or is slow: a circuit breaker, a limit of calls at the same time with a bounded queue
 * (bulkhead), and repetitions with a budget. One guard holds for all calls of a process to one service.
 */

import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
} from 'cockatiel'
import { isServiceError, ServiceError, type ServiceFailureReason } from '../../base/failures/service-error.ts'
import type { HttpService } from '../../model/http/http-service.ts'
import type { ServiceObservation } from './observation.ts'
import { openRetryBudget } from './retry-budget.ts'
import { shareBreaker } from './share-breaker.ts'

/** One call, as its guard sees it. */
export interface GuardedCall<T> {
  /** Sends the request once. @throws ServiceError */
  readonly attempt: () => Promise<T>
  /** Whether a repetition after this failure does no harm. */
  readonly mayRepeat: (error: ServiceError) => boolean
  /** Milliseconds that are left for the call. */
  readonly leftMs: () => number
  readonly signal: AbortSignal
  /** The error for a call that is aborted. */
  readonly aborted: () => ServiceError
}

/** Runs calls. */
export interface Guard {
  /** @throws ServiceError */
  readonly run: <T>(call: GuardedCall<T>) => Promise<T>
}

/** What a guard needs. */
export interface GuardDeps {
  /** From 0 to 1, as `Math.random`. */
  readonly random: () => number
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly observe: (observation: ServiceObservation) => void
}

/** Failures that say that the service is down or overloaded. */
const OUTAGES: ReadonlySet<ServiceFailureReason> = new Set(['unreachable', 'timeout', 'too-large'])
/** Failures before the service has answered, which say nothing about it. */
const SILENT: ReadonlySet<ServiceFailureReason> = new Set(['cancelled', 'credentials', 'unset'])
/** Statuses after which a later repetition may succeed (RFC 9110 section 15, RFC 6585 section 4). */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** The pause before the first repetition, and the longest one, in milliseconds. Each is shorter by chance ("full jitter"). */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000

/** Opens the guard of a service. */
export function openGuard({ name, circuitBreaker: design, concurrency, queue, retries }: HttpService, deps: GuardDeps): Guard {
  const budget = openRetryBudget()
  const rooms = bulkhead(concurrency, queue)
  const isCounted = (error: unknown): boolean =>
    // If the call that tries again says nothing about the service, the breaker stays open.
    isServiceError(error) && (isOutage(error) || (SILENT.has(error.reason) && breaker.state === CircuitState.HalfOpen))
  const breaker = circuitBreaker(handleWhen(isCounted), {
    halfOpenAfter: design.pauseMs,
    breaker: design.failures === null ? shareBreaker(deps.now) : new ConsecutiveBreaker(design.failures),
  })
  let openedAt = 0
  breaker.onBreak(() => {
    openedAt = deps.now()
    deps.observe({ kind: 'breaker', service: name, state: 'open' })
  })
  breaker.onHalfOpen(() => deps.observe({ kind: 'breaker', service: name, state: 'half-open' }))
  breaker.onReset(() => deps.observe({ kind: 'breaker', service: name, state: 'closed' }))
  const pausedMs = (): number => openedAt + design.pauseMs - deps.now()
  const openError = (): ServiceError => {
    const retryAfterSeconds = Math.max(1, Math.ceil(pausedMs() / 1_000))
    return new ServiceError({
      service: name,
      reason: 'breaker-open',
      note: 'calls are stopped, because too many failed',
      retryAfterSeconds,
    })
  }
  /** Calls that would only be refused take no room, and do not wait for the one that tries again. */
  const requireClosed = (): void => {
    const isPaused = breaker.state === CircuitState.Open && pausedMs() > 0
    if (isPaused || breaker.state === CircuitState.HalfOpen) throw openError()
  }
  return {
    run<T>({ attempt, mayRepeat, leftMs, signal, aborted }: GuardedCall<T>): Promise<T> {
      budget.earn()
      let sent = 0
      const once = async (): Promise<T> => {
        if (signal.aborted) throw aborted()
        requireClosed()
        try {
          return await rooms.execute(
            () =>
              breaker.execute(() => {
                sent += 1
                return attempt()
              }, signal),
            signal,
          )
        } catch (error) {
          if (error instanceof BulkheadRejectedError)
            throw new ServiceError({
              service: name,
              reason: 'full',
              note: `${concurrency} calls run and ${queue} wait`,
              retryAfterSeconds: 1,
            })
          if (error instanceof BrokenCircuitError) throw openError()
          throw error instanceof TaskCancelledError ? aborted() : error
        }
      }
      const pauseMs = (error: ServiceError): number =>
        error.retryAfterSeconds === undefined
          ? deps.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** sent)
          : error.retryAfterSeconds * 1_000
      let nextMs = 0
      const repeats = (error: unknown): boolean => {
        if (!isServiceError(error) || sent === 0 || sent > retries || signal.aborted || !isPassing(error) || !mayRepeat(error)) return false
        nextMs = pauseMs(error)
        return nextMs < leftMs() && budget.take()
      }
      const policy = retry(handleWhen(repeats), { maxAttempts: retries, backoff: new DelegateBackoff(() => nextMs) })
      return policy.execute(once, signal)
    },
  }
}

function isOutage({ reason, status }: ServiceError): boolean {
  return OUTAGES.has(reason) || (reason === 'status' && status !== undefined && (status >= 500 || status === 429))
}

function isPassing({ reason, status }: ServiceError): boolean {
  return reason === 'unreachable' || (reason === 'status' && status !== undefined && PASSING.has(status))
}
