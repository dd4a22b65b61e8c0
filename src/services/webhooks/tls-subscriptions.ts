/** Subscriptions to webhooks in production: their addresses have TLS. */

import type { Entity, Field, Model } from '../../model/model.ts'

/** What an address begins with. */
const WITH_TLS = '^https:'

/**
 * The same model, in which the address of a subscription begins with `https:`. A message to another one would never be sent, so a
 * request that writes one is refused. The tables of the design stay as they are.
 */
export function withTlsSubscriptions(model: Model): Model {
  const urls = new Map(model.webhooks.flatMap((webhook) => (webhook.kind === 'subscribed' ? [[webhook.entity, webhook.fields.url]] : [])))
  if (urls.size === 0) return model
  return { ...model, entities: model.entities.map((entity) => withTls(entity, urls.get(entity.name))) }
}

function withTls(entity: Entity, url: string | undefined): Entity {
  if (url === undefined) return entity
  const limited = (field: Field): Field => {
    const isUrl = field.name === url && field.type.kind === 'scalar' && field.type.scalar === 'url'
    return isUrl ? { ...field, type: { ...field.type, pattern: WITH_TLS } } : field
  }
  return { ...entity, fields: entity.fields.map(limited) }
}
