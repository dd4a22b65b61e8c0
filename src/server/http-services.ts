/** Opens the HTTP services that code of a backend calls, and the other backends that may call it. */

import type { Model } from '../model/model.ts'
import { type AcceptedBackends, openAcceptedBackends } from '../services/backends/accepted-backends.ts'
import { openServices } from '../services/http/open-services.ts'
import type { Services } from '../services/http/services.ts'
import type { Identity } from '../services/identity/identity.ts'
import type { SigningKeys } from '../services/identity/tokens/keys.ts'
import { openServiceTokens } from '../services/identity/tokens/service-tokens.ts'
import type { Observe } from './http/observe.ts'

/** What services need of the options of a backend. */
export interface ServiceOptions {
  /** The values of the environment variables that the integrations of the design name; none unless given. */
  readonly variables?: ReadonlyMap<string, string>
}

interface Opening extends ServiceOptions {
  readonly model: Model
  readonly keys: SigningKeys | null
  readonly publicUrl: string
  readonly observe: Observe
}

/** The services; null for a design without any. */
export function openHttpServices({ model, variables = new Map(), keys, publicUrl, observe }: Opening): Services | null {
  return openServices({
    services: model.httpServices,
    variables,
    sign: keys === null ? null : openServiceTokens({ keys, issuer: publicUrl, now: Date.now }),
    observe: (of) => observe({ kind: 'service', of }),
    now: () => performance.now(),
  })
}

/** The other backends that may call this one; null for a design without any. */
export function openBackends(
  { model, variables = new Map(), publicUrl, observe }: Omit<Opening, 'keys'>,
  identity: Identity | null,
): AcceptedBackends | null {
  return openAcceptedBackends({
    backends: model.acceptedBackends,
    variables,
    audience: publicUrl,
    accountBy: async (field, value) => (await identity?.accountBy(field, value)) ?? null,
    observe: (of) => observe({ kind: 'backend', of }),
    now: Date.now,
  })
}
