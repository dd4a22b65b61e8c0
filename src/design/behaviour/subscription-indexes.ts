/** The indexes by which subscriptions to webhooks are found. */

import type { Entity, Index } from '../../model/model.ts'
import type { Webhook } from '../../model/webhooks/webhook.ts'

/** The same entities, those whose rows are subscriptions with an index on their events, unless the design declares one. */
export function withSubscriptionIndexes(entities: readonly Entity[], webhooks: readonly Webhook[]): readonly Entity[] {
  const events = new Map(webhooks.flatMap((webhook) => (webhook.kind === 'subscribed' ? [[webhook.entity, webhook.fields.events]] : [])))
  return entities.map((entity) => {
    const field = events.get(entity.name)
    if (field === undefined || entity.indexes.some(({ parts }) => parts.some((part) => part.field === field))) return entity
    const index: Index = { method: 'gin', parts: [{ field, descending: false }] }
    return { ...entity, indexes: [...entity.indexes, index] }
  })
}
