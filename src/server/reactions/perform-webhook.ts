/** The reaction `webhook`: adds a message, which the sender of webhooks sends and repeats. */

import { createHash } from 'node:crypto'
import type { ReactionValues } from '../../compile/reactions/reaction-values.ts'
import type { WebhookReaction } from '../../model/reaction.ts'
import type { Delivery, LoggedEvent } from '../../services/events/delivery.ts'
import { addDeliveries } from '../../services/webhooks/deliveries.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'

/** Adds the message of an event. One that was added before is not added again, except for a replay. */
export async function performWebhook(stack: Stack, reaction: WebhookReaction, values: ReactionValues, delivery: Delivery): Promise<void> {
  const { event, replay } = delivery
  const { webhook, name, onDead } = reaction
  const type = `${event.entity}.${event.happening}`
  const message = {
    endpoint: webhook,
    reaction: name,
    event: event.id,
    entity: event.entity,
    rowId: event.rowId,
    type,
    message: messageId(event, name),
    // The row is JSON already.
    body: `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(event.at)},"data":${values.row ?? 'null'}}`,
    hold: onDead === 'hold',
    again: replay,
  }
  await addDeliveries(explained(stack.executor.run), [message])
  stack.wakeWebhooks()
}

/** The number of the event and a part that no other database has: receivers keep the ids of all senders. */
function messageId({ id, entity, rowId, at }: LoggedEvent, reaction: string): string {
  const own = createHash('sha256')
    .update(JSON.stringify([id, entity, rowId, at, reaction]))
    .digest('hex')
    .slice(0, 16)
  return `evt_${id}_${own}`
}
