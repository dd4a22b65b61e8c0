/** The reaction `publish`: publishes the row of an event to the broker, as a CloudEvent. */

import type { ReactionValues } from '../../compile/reactions/reaction-values.ts'
import type { PublishReaction } from '../../model/reaction.ts'
import { BrokerUnavailable, MessageRefused } from '../../services/broker/broker.ts'
import { eventText } from '../../services/broker/cloud-event.ts'
import { type Delivery, GiveUp, NotNow } from '../../services/events/delivery.ts'
import type { Stack } from '../run/stack.ts'
import { messageId } from './message-id.ts'

/** The beginning of the error of an event that waits for the broker. */
export const WAITS_FOR_BROKER = 'the broker '

/** Publishes the message. @throws NotNow while the broker stores none; GiveUp when it will never store this one. */
export async function performPublish(
  { broker, model }: Stack,
  { subject, type, name }: PublishReaction,
  values: ReactionValues,
  { event }: Delivery,
): Promise<void> {
  if (broker === undefined) throw new NotNow(`${WAITS_FOR_BROKER}is not connected: a variable that the design names is not set`)
  const { rowId, at, entity } = event
  const id = messageId(event, name)
  const body = eventText({ id, source: model.broker?.source ?? '', type, subject: rowId, time: at, data: values.row ?? 'null' })
  try {
    await broker.publish({ subject, id, key: `${entity}/${rowId}`, body })
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw new NotNow(error.message, { cause: error })
    if (error instanceof MessageRefused) throw new GiveUp(error.message, { cause: error })
    throw error
  }
}
