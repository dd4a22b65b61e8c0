/** What calls to services report to operators: no address, no header, no part of a body. */

import type { ServiceFailureReason } from '../../base/failures/service-error.ts'

/** An observation about a service. */
export type ServiceObservation =
  /** A call has ended. `reason`: why it failed; null for an answer. `attempts`: how often it was sent. */
  | {
      readonly kind: 'call'
      readonly service: string
      readonly method: string
      readonly status: number | null
      readonly reason: ServiceFailureReason | null
      readonly attempts: number
      readonly durationMs: number
      readonly traceId: string
    }
  /** The circuit breaker has opened, lets one call try again, or has closed. */
  | { readonly kind: 'breaker'; readonly service: string; readonly state: 'open' | 'half-open' | 'closed' }
