/** The content of messages to webhooks: when they are made, and again when one is sent later. */

import type { WebhookReaction } from '../../model/reaction.ts'
import type { LoggedEvent } from '../../services/events/delivery.ts'
import { findEvent } from '../../services/events/find-event.ts'
import type { ContentNow, LeasedMessage } from '../../services/webhooks/leases.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { rowFor } from './fan-out.ts'

/** The content of a message. @param data the row as JSON */
export function contentOf({ entity, happening, at }: LoggedEvent, data: string): string {
  return `{"type":${JSON.stringify(`${entity}.${happening}`)},"timestamp":${JSON.stringify(at)},"data":${data}}`
}

/**
 * What the account of a subscription may now read of the row of an earlier message.
 *
 * @throws the driver's error
 */
export async function contentNow(
  stack: Stack,
  { event: id, reaction: name, owner }: Pick<LeasedMessage, 'event' | 'reaction' | 'owner'>,
): Promise<ContentNow> {
  const event = await findEvent(explained(stack.executor.run), id)
  if (event === null) return refused('the log has no event of more than seven days ago, so it is not known what the account may read')
  const found = stack.model.events.flatMap((modelEvent) => {
    if (`${modelEvent.entity}.${modelEvent.happening}` !== `${event.entity}.${event.happening}`) return []
    const reaction = modelEvent.reactions.find((each): each is WebhookReaction => each.kind === 'webhook' && each.name === name)
    return reaction === undefined ? [] : [{ modelEvent, reaction }]
  })[0]
  if (found === undefined) return { kind: 'later', reason: 'the design has no such reaction' }
  const data = await rowFor(stack, owner ?? '', { ...found, event })
  return data === null
    ? refused('the account of the subscription may not read the row any more')
    : { kind: 'content', body: contentOf(event, data) }
}

function refused(reason: string): ContentNow {
  return { kind: 'refused', reason }
}
