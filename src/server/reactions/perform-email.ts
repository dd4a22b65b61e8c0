/** The reaction `email`: sends a mail. */

import { unreachable } from '../../base/unreachable.ts'
import type { EmailReaction } from '../../model/reaction.ts'
import { type Delivery, GiveUp } from '../../services/events/delivery.ts'
import type { Stack } from '../run/stack.ts'

/**
 * Sends the mail, or does nothing if there is nothing to send.
 *
 * @throws GiveUp when the server will never take the mail; Error when it may take it later.
 */
export async function performEmail({ post }: Stack, { mail, name }: EmailReaction, delivery: Delivery): Promise<void> {
  if (post === null) throw new Error('the backend has no post, and its design sends mails')
  const { event, replay, signal } = delivery
  const { id, entity, rowId, at, row, before, input } = event
  const delivered = await post.deliver(mail, { key: [id, entity, rowId, at, name], row, before, input, replay, signal })
  switch (delivered.kind) {
    case 'sent':
    case 'skipped':
      return
    case 'failed':
      throw new Error(delivered.reason)
    case 'refused':
      throw new GiveUp(delivered.reason)
    default:
      return unreachable(delivered)
  }
}
