/** The endpoints of the messages to subscriptions of webhooks, below the addresses of their rows. */

import { LIMITS } from '../../base/limits.ts'
import { deliveryPaths } from '../../model/address/built-in-paths.ts'
import { restBase } from '../../model/address/served.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import type { SubscribedWebhook } from '../../model/webhooks/webhook.ts'
import type { Endpoint } from './endpoint.ts'
import { routePath } from './own-endpoints.ts'

/** What can be done with the messages to a subscription. */
export type DeliveryOperation = 'listDeliveries' | 'getDelivery' | 'replayDelivery'

/** An entity whose rows are subscriptions, and the webhooks that send to them. */
export interface SubscriptionEntity {
  readonly entity: Entity
  readonly webhooks: readonly SubscribedWebhook[]
}

/** The entities whose rows are subscriptions, each once. */
export function subscriptionEntities(model: Model): readonly SubscriptionEntity[] {
  const webhooks = model.webhooks.filter((webhook) => webhook.kind === 'subscribed')
  return [...Map.groupBy(webhooks, ({ entity }) => entity)].map(([name, own]) => ({ entity: entityNamed(model, name), webhooks: own }))
}

/** An endpoint of the messages to the subscriptions of an entity. */
export interface DeliveryEndpoint {
  readonly operation: DeliveryOperation
  readonly of: SubscriptionEntity
  readonly endpoint: Endpoint
}

const COMMON = {
  presence: 'always',
  auth: 'required',
  body: 'none',
  idempotent: false,
  answers: 'json',
  parameters: { query: 'refused', headers: [] },
  limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
  description: null,
} as const

/** The endpoints without their paths. */
const OPERATIONS = {
  listDeliveries: {
    ...COMMON,
    method: 'GET',
    parameters: { query: 'read', headers: [] },
    failures: [400, 401, 404, 406, 414, 429, 431, 500, 503],
  },
  getDelivery: { ...COMMON, method: 'GET', failures: [400, 401, 404, 406, 414, 429, 431, 500, 503] },
  // A repetition while the message waits changes nothing.
  replayDelivery: { ...COMMON, method: 'POST', failures: [400, 401, 404, 406, 409, 413, 414, 415, 429, 431, 500, 503] },
} as const satisfies Readonly<Record<DeliveryOperation, Omit<Endpoint, 'path'>>>

/** The endpoints of the messages to the subscriptions of one entity, or of all. */
export function deliveryEndpoints(model: Model, only?: SubscriptionEntity): readonly DeliveryEndpoint[] {
  return (only === undefined ? subscriptionEntities(model) : [only]).flatMap((of) => {
    const [list, one, replay] = deliveryPaths(`${restBase(model)}/${of.entity.path}`).map(routePath) as [string, string, string]
    const paths: Readonly<Record<DeliveryOperation, string>> = { listDeliveries: list, getDelivery: one, replayDelivery: replay }
    return (Object.keys(OPERATIONS) as DeliveryOperation[]).map((operation) => ({
      operation,
      of,
      endpoint: { ...OPERATIONS[operation], path: paths[operation] },
    }))
  })
}
