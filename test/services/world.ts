/** Services of a design without a backend, as code calls them. */

import type { TestContext } from 'node:test'
import { isServiceError, type ServiceError } from '../../src/base/failures/service-error.ts'
import type { ServiceClient, ServiceDesign } from '../../src/design/authoring/behaviour-design.ts'
import { ANONYMOUS, type Caller } from '../../src/model/caller.ts'
import type { ServiceObservation } from '../../src/services/http/observation.ts'
import { openServices } from '../../src/services/http/open-services.ts'
import type { ServicesOptions } from '../../src/services/http/services.ts'
import { modelFrom } from '../support/backend.ts'

export const TRACE = '0af7651916cd43dd8448eb211c80319c'

export interface ServiceWorld {
  /** The client for the caller of the options. */
  readonly client: ServiceClient
  readonly clientFor: (caller: Caller) => ServiceClient
  readonly observed: ServiceObservation[]
  /** Ends the code that calls. */
  readonly end: () => void
}

/** The client of one service of a design. */
export function serviceWorld(
  t: Pick<TestContext, 'after'>,
  service: ServiceDesign,
  more: Partial<Pick<ServicesOptions, 'sign'>> & {
    readonly variables?: Record<string, string>
    readonly caller?: Caller
    readonly codeMs?: number
    /** Milliseconds of a clock that never goes back. */
    readonly now?: () => number
  } = {},
): ServiceWorld {
  const observed: ServiceObservation[] = []
  const now = more.now ?? (() => performance.now())
  const model = modelFrom({
    name: 'shop',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'id == auth.id' },
      },
    },
    jobs: { pay: { as: 'system', transaction: 'own', run: () => {} } },
    integrations: { http: { billing: service } },
  })
  const services = openServices({
    services: model.httpServices,
    variables: new Map(Object.entries(more.variables ?? {})),
    sign: more.sign ?? null,
    observe: (observation) => observed.push(observation),
    now,
  })
  const ending = new AbortController()
  t.after(() => services?.close())
  const clientFor = (caller: Caller): ServiceClient => {
    const clients = services?.clientsFor({
      caller,
      traceId: TRACE,
      signal: ending.signal,
      ends: now() + (more.codeMs ?? 600_000),
      refusal: () => null,
    })
    if (clients?.billing === undefined) throw new Error('no client')
    return clients.billing
  }
  return { client: clientFor(more.caller ?? ANONYMOUS), clientFor, observed, end: () => ending.abort() }
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await call.then(
    (value) => new Error(`it gave ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  if (!isServiceError(error)) throw error
  return error
}
