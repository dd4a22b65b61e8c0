/** The ids of messages to other systems. */

import { createHash } from 'node:crypto'
import type { LoggedEvent } from '../../services/events/delivery.ts'

/**
 * The id of the message that a reaction sends about an event, the same at every attempt: the number of the event, and a part that no other
 * reaction and no other database has, because receivers keep the ids of all senders.
 */
export function messageId({ id, entity, rowId, at }: LoggedEvent, reaction: string): string {
  const own = createHash('sha256')
    .update(JSON.stringify([id, entity, rowId, at, reaction]))
    .digest('hex')
    .slice(0, 16)
  return `evt_${id}_${own}`
}
