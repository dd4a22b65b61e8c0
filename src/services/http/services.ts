/** The interface of the HTTP services of a backend. */

import type { ServiceClient } from '../../design/authoring/behaviour-design.ts'
import type { Caller } from '../../model/caller.ts'
import type { HttpService } from '../../model/http/http-service.ts'
import type { SignServiceToken } from '../identity/tokens/service-tokens.ts'
import type { ServiceObservation } from './observation.ts'

/** The run of code that calls services. */
export interface ServiceRun {
  readonly caller: Caller
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** Aborted when the code ends. */
  readonly signal: AbortSignal
  /** When the code is ended, in the time of `ServicesOptions.now`. */
  readonly ends: number
  /** Why no call may be made now; null if it may. */
  readonly refusal: () => string | null
}

/** The clients of services, by name. */
export type ServiceClients = Readonly<Record<string, ServiceClient>>

/** The services of a backend, until they are closed. */
export interface Services {
  readonly clientsFor: (run: ServiceRun) => ServiceClients
  /** Ends all connections. */
  readonly close: () => Promise<void>
}

/** What services need. */
export interface ServicesOptions {
  readonly services: readonly HttpService[]
  /** The values of the environment variables that the design names; without those that are not set. */
  readonly variables: ReadonlyMap<string, string>
  /** Null without keys. */
  readonly sign: SignServiceToken | null
  readonly observe: (observation: ServiceObservation) => void
  /** Milliseconds of a clock that never goes back, as `ServiceRun.ends`. */
  readonly now: () => number
}
