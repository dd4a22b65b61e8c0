/** The handler of each endpoint of the messages to subscriptions. */

import type { DeliveryOperation, SubscriptionEntity } from '../../compile/endpoints/delivery-endpoints.ts'
import type { Caller } from '../../model/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { HttpRequest } from '../http/request.ts'
import { REST_NAMES, readPaging, splitQuery } from '../rest/query-string.ts'
import { explained } from '../run/database-failure.ts'
import { stackForRequest } from '../run/for-client.ts'
import type { Stack } from '../run/stack.ts'
import { getDelivery, listDeliveries, replayDelivery } from './delivery-operations.ts'
import type { AskedSubscription } from './subscription-endpoints.ts'

/** A request about messages. */
export interface DeliveryRequest {
  readonly request: HttpRequest
  readonly caller: Caller
  /** The query string without the `?`. */
  readonly query: string
}

type DeliveryHandler = (stack: Stack, of: SubscriptionEntity, asked: DeliveryRequest) => Promise<Answer>

/** The handlers, by the operation of the endpoint. */
export const DELIVERY_HANDLERS: Readonly<Record<DeliveryOperation, DeliveryHandler>> = {
  async listDeliveries(stack, of, asked) {
    const paging = { ...readPaging(splitQuery(asked.query)), name: REST_NAMES.after }
    const { deliveries, next } = await listDeliveries(subscriptionIn(stack, of, asked), paging)
    return answer(200, { data: deliveries, page: { next } })
  },
  getDelivery: async (stack, of, asked) => answer(200, await getDelivery(subscriptionIn(stack, of, asked), deliveryIn(asked))),
  replayDelivery: async (stack, of, asked) => answer(202, await replayDelivery(subscriptionIn(stack, of, asked), deliveryIn(asked))),
}

function subscriptionIn(stack: Stack, of: SubscriptionEntity, { request, caller }: DeliveryRequest): AskedSubscription {
  const own = stackForRequest(stack, request, caller)
  return { stack: own, caller, run: explained(own.executor.run), of, id: request.parameters.id ?? '' }
}

function deliveryIn({ request }: DeliveryRequest): string {
  return request.parameters.delivery ?? ''
}

function answer(status: number, value: object): Answer {
  return { status, headers: {}, body: JSON.stringify(value) }
}
