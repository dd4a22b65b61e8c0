/** The reaction `webhook`: adds messages, which the sender of webhooks sends and repeats. */

import { unreachable } from '../../base/unreachable.ts'
import type { ReactionValues } from '../../compile/reactions/reaction-values.ts'
import type { ModelEvent, WebhookReaction } from '../../model/reaction.ts'
import type { Webhook } from '../../model/webhooks/webhook.ts'
import type { Delivery, LoggedEvent } from '../../services/events/delivery.ts'
import { type AddressedMessage, addDeliveries } from '../../services/webhooks/deliveries.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { type FannedOut, fanOut } from './fan-out.ts'
import { contentOf } from './message-content.ts'
import { messageId } from './message-id.ts'

/** The reaction with its event. */
export interface WebhookPerforming {
  readonly modelEvent: ModelEvent
  readonly reaction: WebhookReaction
  readonly values: ReactionValues
}

/** Adds the messages of an event. One that was added before is not added again, except for a replay. */
export async function performWebhook(stack: Stack, performing: WebhookPerforming, delivery: Delivery): Promise<void> {
  const { event, replay } = delivery
  const { name, onDead } = performing.reaction
  const type = `${event.entity}.${event.happening}`
  const message = messageId(event, name)
  const hold = onDead === 'hold'
  const about = { reaction: name, event: event.id, entity: event.entity, rowId: event.rowId, type, message, hold, again: replay }
  for await (const page of messagesOf(stack, performing, event)) {
    const added = page.map(({ data, ...to }): AddressedMessage => ({ ...to, body: contentOf(event, data) }))
    await addDeliveries(explained(stack.executor.run), about, added)
  }
  stack.wakeWebhooks()
}

function messagesOf(
  stack: Stack,
  { modelEvent, reaction, values }: WebhookPerforming,
  event: LoggedEvent,
): AsyncIterable<readonly FannedOut[]> | readonly (readonly FannedOut[])[] {
  const webhook = webhookNamed(stack, reaction.webhook)
  switch (webhook.kind) {
    case 'fixed':
      return [[{ endpoint: webhook.name, owner: null, host: '', data: values.row ?? 'null' }]]
    case 'subscribed':
      return fanOut(stack, { webhook, reaction, modelEvent, event })
    default:
      return unreachable(webhook)
  }
}

/** @throws Error for an unknown webhook (a defect of Plinth). */
function webhookNamed({ model }: Stack, name: string): Webhook {
  const found = model.webhooks.find((webhook) => webhook.name === name)
  if (found === undefined) throw new Error(`no webhook ${name}`)
  return found
}
