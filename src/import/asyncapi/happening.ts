/** What a message tells of, by its name: `OrderCreated` tells that a row of Order was created. */

import { schemaSubject } from '../openapi/schemas.ts'

/** An entity, and what happened to a row of it. */
export interface Happening {
  readonly subject: string
  /** `created`, `updated` and `deleted` are writes; another word is an event of its own. Null if the name has no such word. */
  readonly event: string | null
}

const WRITES: Readonly<Record<string, 'created' | 'updated' | 'deleted'>> = {
  created: 'created',
  added: 'created',
  registered: 'created',
  inserted: 'created',
  updated: 'updated',
  changed: 'updated',
  modified: 'updated',
  deleted: 'deleted',
  removed: 'deleted',
}
/** Participles that do not end in -ed. */
const PARTICIPLES =
  /^(?:paid|sent|sold|held|lost|won|built|begun|done|taken|given|withdrawn|bought|met|known|seen|left|made|kept|found|up|in|out)$/

/** Reads a name such as `orderShipped`, `order.shipped`, `order-shipped-event` and `OrderShippedEvent.v2`. */
export function happeningOf(name: string): Happening {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .split(' ')
    .filter((word) => !/^(?:event|message|payload|notification|msg|v\d+|\d+)$/i.test(word))
  const last = words.at(-1)?.toLowerCase() ?? ''
  const isPast = words.length > 1 && (/[a-z]{2}ed$/.test(last) || PARTICIPLES.test(last))
  const before = words.at(-2)?.toLowerCase() ?? ''
  // signed up, logged in, paid out
  const isPair = isPast && words.length > 2 && /^(?:up|in|out)$/.test(last) && /ed$|^paid$/.test(before)
  const verb = !isPast ? [] : isPair ? words.slice(-2) : words.slice(-1)
  const subject = schemaSubject(
    words
      .slice(0, words.length - verb.length)
      .map(capitalised)
      .join(''),
  )
  const event = verb.map((word, i) => (i === 0 ? word.toLowerCase() : capitalised(word))).join('')
  if (event === 'signedUp') return { subject, event: 'created' }
  return { subject, event: event === '' ? null : (WRITES[event] ?? event) }
}

function capitalised(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
}
