/** A message as a job: the input of the job, and the key that identifies the message. */

import { createHash } from 'node:crypto'
import { isObject } from '../../base/is-object.ts'
import type { BrokerSubscription, MessagePlace } from '../../model/broker/broker.ts'
import type { IncomingMessage } from './broker.ts'
import { type ReceivedEvent, readEvent } from './cloud-event.ts'
import type { MessageJob } from './statements.ts'

/** The characters of a message that is no event that are kept for operators. */
const KEPT_CHARACTERS = 10_000

/** The job of a message; null for a message that the subscription does not want. Never throws. */
export function messageJob({ type, source, inputs }: BrokerSubscription, message: IncomingMessage): MessageJob | null {
  const event = readEvent(message)
  if ('wrong' in event) return unusable(message, event.wrong)
  if ((type !== null && event.type !== type) || (source !== null && event.source !== source)) return null
  const values = inputs.flatMap(({ name, from }) => {
    const value = valueAt(event, from)
    return value === undefined || value === null ? [] : [[name, value] as const]
  })
  return {
    key: hashOf('event', event.source, event.id),
    chain: event.subject === null ? null : hashOf('subject', event.source, event.subject).slice(0, 32),
    // PostgreSQL stores no zero character: an input with one is refused when the job runs.
    payload: JSON.stringify(Object.fromEntries(values)),
    error: null,
  }
}

/** A message that is no event has no id. The same content counts as the same message. */
function unusable({ body, subject }: IncomingMessage, error: string): MessageJob {
  const text = Buffer.from(body.subarray(0, KEPT_CHARACTERS)).toString('utf8')
  const key = createHash('sha256').update(subject).update('\0').update(body).digest('hex')
  return { key, chain: null, payload: JSON.stringify({ message: text }), error }
}

function valueAt(event: ReceivedEvent, place: MessagePlace): unknown {
  if (place.kind === 'attribute') return event[place.name]
  let value: unknown = event.data
  for (const name of place.path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
