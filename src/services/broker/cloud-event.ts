/** Messages as CloudEvents 1.0 (github.com/cloudevents/spec), in JSON or, when they come, also with attributes in headers. */

import { isObject } from '../../base/is-object.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { measureJson } from '../../base/texts/measure-json.ts'
import type { IncomingMessage } from './broker.ts'

/** An event to send. */
export interface SentEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  /** ISO 8601. */
  readonly time: string
  /** JSON. */
  readonly data: string
}

/** An event that has come. */
export interface ReceivedEvent {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string | null
  readonly time: string | null
  readonly data: unknown
}

/** The text of an event. Its data is JSON already. */
export function eventText({ id, source, type, subject, time, data }: SentEvent): string {
  const attributes = JSON.stringify({ specversion: '1.0', id, source, type, subject, time, datacontenttype: 'application/json' })
  return `${attributes.slice(0, -1)},"data":${data}}`
}

/** The most bytes of a message that is taken. */
export const MESSAGE_BYTES = 1_048_576
/** The most characters of an attribute. */
const ATTRIBUTE_MAX = 1_000

/** The event of a message, or why it has none. Never throws. */
export function readEvent(message: IncomingMessage): ReceivedEvent | { readonly wrong: string } {
  const { body, headers } = message
  if (body.byteLength > MESSAGE_BYTES) return { wrong: `the message has ${body.byteLength} bytes; at most ${MESSAGE_BYTES} are taken` }
  const text = textOf(body)
  if (text === null) return { wrong: 'the message is not UTF-8' }
  const parsed = text === '' ? { value: undefined } : jsonOf(text)
  if ('wrong' in parsed) return parsed
  // In the binary mode the attributes are headers, and the body is the data.
  const isBinary = headers['ce-specversion'] !== undefined || headers.ce_specversion !== undefined
  const attributes = isBinary ? attributesOf(headers) : parsed.value
  if (!isObject(attributes)) return { wrong: 'the message is no CloudEvent: it is no JSON object' }
  return eventOf(attributes, isBinary ? parsed.value : attributes.data)
}

function eventOf(attributes: Readonly<Record<string, unknown>>, data: unknown): ReceivedEvent | { readonly wrong: string } {
  if (attributes.specversion !== '1.0') return { wrong: 'the message is no CloudEvent: its specversion is not "1.0"' }
  const required = (name: string): string | null => {
    const value = attributes[name]
    return typeof value === 'string' && value !== '' && value.length <= ATTRIBUTE_MAX ? value : null
  }
  const [id, source, type] = [required('id'), required('source'), required('type')]
  if (id === null || source === null || type === null)
    return { wrong: `the CloudEvent needs id, source and type, texts of at most ${ATTRIBUTE_MAX} characters` }
  return { id, source, type, subject: required('subject'), time: required('time'), data }
}

/** The attributes in headers (binding for NATS and Kafka: with `ce-` or `ce_` before their names). */
function attributesOf(headers: IncomingMessage['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (/^ce[-_]/.test(name) ? [[name.slice(3), value]] : [])))
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}

/** Levels, and keys and items, of the JSON of a message: more could fill the stack or the memory. */
const ROOM = { depth: 64, items: 100_000 } as const

function jsonOf(text: string): { readonly value: unknown } | { readonly wrong: string } {
  const { exceeds } = measureJson(text, ROOM)
  if (exceeds === 'depth') return { wrong: `the message nests more than ${ROOM.depth} levels deep` }
  if (exceeds === 'items') return { wrong: `the message has more than ${ROOM.items} keys and items` }
  try {
    return { value: parseJson(text) }
  } catch {
    return { wrong: 'the message is not JSON' }
  }
}
