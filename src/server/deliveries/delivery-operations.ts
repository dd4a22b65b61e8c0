/** What the account of a subscription may do with the messages to it, in REST and in GraphQL. */

import { failure } from '../../base/failure.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { claimOf } from '../../model/caller.ts'
import {
  type DeliveryPage,
  type DeliveryPaging,
  deliveriesTo,
  deliveryTo,
  type FoundDelivery,
  isMessageId,
  type SeenDelivery,
} from '../../services/webhooks/log/delivery-log.ts'
import { replayDeliveries } from '../../services/webhooks/log/inspect.ts'
import { openSubscriptions } from '../../services/webhooks/subscriptions.ts'
import { contentNow } from '../reactions/message-content.ts'
import { type AskedSubscription, type OwnSubscription, ownSubscriptions } from './subscription-endpoints.ts'

/** A message with its content. */
export interface ShownDelivery extends SeenDelivery {
  /** What would be sent now, by the rights of the account; null if that is nothing, or cannot be told any more. */
  readonly content: unknown
}

/** The name of a message in failures. */
const DELIVERY = 'delivery'

/** The messages to a subscription, the newest first. @throws Failure `not_found`, `not_signed_in`, `invalid_cursor`. */
export async function listDeliveries(asked: AskedSubscription, paging: DeliveryPaging & { readonly name: string }): Promise<DeliveryPage> {
  const { after, name } = paging
  const own = await ownSubscriptions(asked)
  if (after !== null && !isMessageId(after)) throw failure('invalid_cursor', { name })
  return deliveriesTo(asked.run, endpointsOf(own), paging)
}

/** A message to a subscription. @throws Failure `not_found`, `not_signed_in`. */
export async function getDelivery(asked: AskedSubscription, id: string): Promise<ShownDelivery> {
  const { seen, ...found } = await find(asked, await ownSubscriptions(asked), id)
  // The message was made with the rights of the account that the subscription had then.
  if (found.owner !== claimOf(asked.caller, 'id')) return { ...seen, content: null }
  const now = await contentNow(asked.stack, found)
  return { ...seen, content: now.kind === 'content' ? parseJson(now.body) : null }
}

/**
 * Sends a message again, with all attempts, or at once if it waits for its next attempt. One that is ready, under way or behind an earlier
 * one stays as it is.
 *
 * @returns the message as it is then.
 * @throws Failure `not_found`, `not_signed_in`, `subscription_inactive`.
 */
export async function replayDelivery(asked: AskedSubscription, id: string): Promise<SeenDelivery> {
  const { stack, run } = asked
  const own = await ownSubscriptions(asked)
  const { row, endpoint } = await find(asked, own, id)
  const to = own.find((one) => one.endpoint === endpoint)
  const subscription = to === undefined ? null : await openSubscriptions(stack.model, to.webhook).find(run, to.id)
  if (subscription?.isActive !== true) throw failure('subscription_inactive', { entity: asked.of.entity.name })
  await replayDeliveries(run, { ids: [row] })
  stack.wakeWebhooks()
  return (await find(asked, own, id)).seen
}

async function find({ run }: AskedSubscription, own: readonly OwnSubscription[], id: string): Promise<FoundDelivery> {
  const found = await deliveryTo(run, endpointsOf(own), id)
  if (found === null) throw failure('not_found', { entity: DELIVERY })
  return found
}

function endpointsOf(own: readonly OwnSubscription[]): readonly string[] {
  return own.map(({ endpoint }) => endpoint)
}
