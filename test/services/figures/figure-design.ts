/**
 * A backend whose actions call an upstream: one with the usual circuit breaker, and one whose breaker opens after 1,000 failures in a row,
 * of which a run makes fewer.
 */

import type { Model } from '../../../src/model/model.ts'
import { modelFrom } from '../../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the code is made at run time, so its context has no types
type Context = any

/** @param pause the time after which the circuit breaker lets a call try again */
export function figureModel(pause: string): Model {
  const call =
    (service: string) =>
    ({ services, input, log }: Context) => {
      log.info('calls', {})
      return services[service].post(`/${input.mode}`, { body: {}, idempotencyKey: 'k' })
    }
  const action = (service: string) => ({
    allow: 'true',
    as: 'system',
    transaction: 'own',
    input: { mode: 'text' },
    run: call(service),
  })
  return modelFrom({
    name: 'figures',
    entities: {
      Note: { fields: { text: { type: 'text', max: 100 } }, access: { read: 'true', create: 'true', update: 'false', delete: 'false' } },
    },
    actions: { guarded: action('guarded'), steady: action('steady'), unsafe: action('unsafe') },
    integrations: {
      http: {
        guarded: { baseUrl: 'GUARDED_URL', circuitBreaker: { pause } },
        steady: { baseUrl: 'STEADY_URL', circuitBreaker: { failures: 1_000 }, queue: 1_000 },
        unsafe: { baseUrl: 'UNSAFE_URL', retries: 0, timeout: '5s', circuitBreaker: { failures: 1_000 } },
      },
    },
  })
}
