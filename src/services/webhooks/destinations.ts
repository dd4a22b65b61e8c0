/** Where messages go: to receivers of the design, and to subscriptions. */

import type { Run } from '../../base/sql/statement.ts'
import type { Model } from '../../model/model.ts'
import { hostOf } from '../outgoing/reach.ts'
import type { Receiver, Receivers } from './receivers.ts'
import { readSecrets } from './signature.ts'
import { openSubscriptions, type Subscriptions } from './subscriptions.ts'

/** Where a message goes. */
export type Destination =
  | { readonly kind: 'receiver'; readonly receiver: Receiver }
  /** It cannot be sent now. `counts` is false if this is no attempt, because a setting of this process is missing. */
  | { readonly kind: 'later'; readonly reason: string; readonly counts: boolean }
  /** Nobody wants it any more. */
  | { readonly kind: 'none'; readonly reason: string }

/** Finds where messages go. */
export interface Destinations {
  /** @throws the driver's error */
  readonly of: (run: Run, endpoint: string) => Promise<Destination>
  /** The host of a receiver of the design; null for a subscription, and for one that is not known. */
  readonly hostOf: (endpoint: string) => string | null
  /**
   * Ends a subscription whose receiver wants no more messages. Receivers of the design stay.
   *
   * @returns whether it is a subscription.
   * @throws the driver's error
   */
  readonly close: (run: Run, endpoint: string) => Promise<boolean>
}

/** The receiver of a subscription, as messages have it. */
export function subscriptionEndpoint(webhook: string, id: string): string {
  return `${webhook}:${id}`
}

/** Opens the destinations of a model. */
export function openDestinations(model: Model, { fixed, reach }: Receivers): Destinations {
  const subscribed = model.webhooks.flatMap((webhook) =>
    webhook.kind === 'subscribed' ? [{ webhook, subscriptions: openSubscriptions(model, webhook) }] : [],
  )
  const subscriptionOf = (endpoint: string): { readonly id: string; readonly timeoutMs: number; readonly of: Subscriptions } | null => {
    const found = subscribed.find(({ webhook }) => endpoint.startsWith(`${webhook.name}:`))
    if (found === undefined) return null
    return { id: endpoint.slice(found.webhook.name.length + 1), timeoutMs: found.webhook.timeoutMs, of: found.subscriptions }
  }
  return {
    async of(run, endpoint) {
      const known = fixed.get(endpoint)
      if (typeof known === 'string') return { kind: 'later', reason: known, counts: false }
      if (known !== undefined) return { kind: 'receiver', receiver: known }
      const subscription = subscriptionOf(endpoint)
      // A newer design may have it, which another process runs.
      if (subscription === null) return { kind: 'later', reason: 'the design has no such webhook', counts: true }
      const found = await subscription.of.find(run, subscription.id)
      if (found === null) return { kind: 'none', reason: 'the subscription was deleted' }
      if (!found.isActive) return { kind: 'none', reason: 'the subscription is not active' }
      const secrets = readSecrets(found.secrets)
      if (secrets === null) return { kind: 'later', reason: 'the secret of the subscription is not one of Standard Webhooks', counts: true }
      return { kind: 'receiver', receiver: { address: found.url, secrets, timeoutMs: subscription.timeoutMs, reach } }
    },
    hostOf: (endpoint) => {
      const known = fixed.get(endpoint)
      return known === undefined || typeof known === 'string' ? null : hostOf(known.address)
    },
    async close(run, endpoint) {
      const subscription = fixed.has(endpoint) ? null : subscriptionOf(endpoint)
      if (subscription === null) return false
      await subscription.of.disable(run, subscription.id)
      return true
    },
  }
}
