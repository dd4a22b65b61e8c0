/** The states of messages to webhooks. */

/** The states of messages. */
export const DELIVERY_STATES = ['waiting', 'sent', 'failed'] as const
/** The state of a message. */
export type DeliveryState = (typeof DELIVERY_STATES)[number]
