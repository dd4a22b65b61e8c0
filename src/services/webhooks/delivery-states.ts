/** The states of messages to webhooks. */

/** The states of messages. */
export const DELIVERY_STATES = ['waiting', 'sent', 'failed'] as const
/** The state of a message. */
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** What a waiting message waits for: a sender, its time, the end of an attempt, or an earlier message about its row. */
export const MESSAGE_TURNS = ['ready', 'later', 'sending', 'behind'] as const
/** What a waiting message waits for. */
export type MessageTurn = (typeof MESSAGE_TURNS)[number]
