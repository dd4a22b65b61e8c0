/** NATS JetStream as a broker. */

import { setTimeout as sleep } from 'node:timers/promises'
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { headers, type NatsConnection } from '@nats-io/transport-node'
import type { BrokerStream } from '../../model/broker/broker.ts'
import {
  type BrokerConnection,
  BrokerUnavailable,
  type ConnectionDeps,
  type ConnectionSettings,
  type IncomingMessage,
  MessageRefused,
  type OutgoingMessage,
  type Receiving,
} from './broker.ts'
import { briefly, keepConnected } from './nats-connection.ts'

/** The stream to create, and its subjects. */
export type NatsStream = BrokerStream & { readonly subjects: readonly string[] }

/** Milliseconds for a request to the server. */
const REQUEST_MS = 5_000
/** Milliseconds after which the server hands over a message again that was not acknowledged. */
const ACK_WAIT_MS = 10_000
/** The most messages that are handed over and not yet stored. */
const MOST_UNSTORED = 64
/** Bytes of the subject and the headers of a message, at most. */
const HEAD_BYTES = 1_024
/** The code of the server for a message that is larger than a stream allows. */
const MESSAGE_TOO_LARGE = 10_054

/** Connects to NATS, again whenever the connection breaks. */
export function openNats(settings: ConnectionSettings, stream: NatsStream | null, deps: ConnectionDeps): BrokerConnection {
  const connection = keepConnected(settings, deps)
  let ensured: { readonly on: NatsConnection; readonly done: Promise<void> } | null = null
  /** Creates the stream, once for each connection, and again when no stream takes its messages. */
  const ensure = (on: NatsConnection): Promise<void> => {
    if (stream === null) return Promise.resolve()
    if (ensured?.on !== on) ensured = { on, done: ensureStream(on, stream) }
    const { done } = ensured
    done.catch(() => {
      ensured = null
    })
    return done
  }
  return {
    async publish(message) {
      const on = connection.current()
      try {
        await ensure(on)
        const before = ensured
        await publishOn(on, message).catch(async (error: unknown) => {
          if (stream === null || !isUntaken(error)) throw error
          // Somebody has deleted the stream.
          if (ensured === before) ensured = null
          await ensure(on)
          await publishOn(on, message)
        })
      } catch (error) {
        throw publishError(error, message)
      }
    },
    receive: (receiving) => receiveOn(connection.current(), connection.untilBroken(receiving.signal), receiving),
    close: connection.close,
  }
}

function managerOf(on: NatsConnection): Promise<JetStreamManager> {
  return jetstreamManager(on, { checkAPI: false, timeout: REQUEST_MS })
}

/** What the server answers; null if it has no such stream or consumer. @throws every other error */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return null
    throw error
  }
}

/** Creates a stream that is not there, or adds subjects that it lacks. Nothing else of an existing one is changed. */
async function ensureStream(on: NatsConnection, { name, subjects, keepMs, maxBytes, replicas }: NatsStream): Promise<void> {
  const manager = await managerOf(on)
  const found = await orNull(manager.streams.info(name))
  if (found === null) {
    const limits = { max_age: keepMs * 1_000_000, max_bytes: maxBytes ?? -1, num_replicas: replicas }
    await manager.streams.add({ name, subjects: [...subjects], ...limits })
    return
  }
  const known = found.config.subjects ?? []
  const missing = subjects.filter((subject) => !known.some((pattern) => covers(pattern, subject)))
  if (missing.length > 0) await manager.streams.update(name, { subjects: [...known, ...missing] })
}

/** Whether a subject with wildcards contains another subject. */
function covers(pattern: string, subject: string): boolean {
  const names = subject.split('.')
  const wanted = pattern.split('.')
  const rest = wanted.at(-1) === '>'
  if (rest ? names.length < wanted.length : names.length !== wanted.length) return false
  return wanted.every((name, i) => (rest && i === wanted.length - 1) || name === '*' || name === names[i])
}

async function publishOn(on: NatsConnection, { subject, id, body }: OutgoingMessage): Promise<void> {
  const most = (on.info?.max_payload ?? 1_048_576) - HEAD_BYTES
  const bytes = Buffer.byteLength(body)
  if (bytes > most) throw new MessageRefused(`the message has ${bytes} bytes, and the broker takes ${most}`)
  const head = headers()
  head.set('content-type', 'application/cloudevents+json')
  await jetstream(on, { timeout: REQUEST_MS }).publish(subject, body, { msgID: id, headers: head, timeout: REQUEST_MS })
}

/** Whether no stream takes the subject of a message. */
function isUntaken(error: unknown): boolean {
  return error instanceof Error && ('isNoResponders' in error || String(error.cause).includes('no responders'))
}

function publishError(error: unknown, { subject }: OutgoingMessage): Error {
  if (error instanceof MessageRefused || error instanceof BrokerUnavailable) return error
  if (error instanceof JetStreamApiError && error.code === MESSAGE_TOO_LARGE) return new MessageRefused(error.message, { cause: error })
  const why = isUntaken(error)
    ? `no stream takes the subject ${subject}; create one at the broker, or declare stream in the design`
    : error instanceof Error
      ? error.message
      : String(error)
  return new BrokerUnavailable(`the broker does not store messages: ${why}`, { cause: error })
}

/** Receives over one connection, until it breaks or the signal is aborted. */
async function receiveOn(on: NatsConnection, over: AbortSignal, receiving: Receiving): Promise<void> {
  const { name, subject, take } = receiving
  const manager = await managerOf(on)
  const stream = await manager.streams.find(subject).catch(() => {
    throw new Error(`no stream has the subject ${subject}; create one at the broker`)
  })
  const unacknowledged = await ensureConsumer(manager, stream, receiving)
  // The former process did not acknowledge these messages. After this time the server hands them over again, before all others.
  if (unacknowledged > 0) await sleep(ACK_WAIT_MS + 500, null, { signal: over }).catch(() => {})
  if (over.aborted) return
  const consumer = await jetstream(on, { timeout: REQUEST_MS }).consumers.get(stream, name)
  const waiting: JsMsg[] = []
  let rouse = (): void => {}
  const messages = await consumer.consume({
    max_messages: MOST_UNSTORED,
    callback: (message) => {
      waiting.push(message)
      rouse()
    },
  })
  const wake = (): void => rouse()
  over.addEventListener('abort', wake, { once: true })
  let batch: JsMsg[] = []
  // Storing may wait for room. This extends the time in which the server waits for acknowledgements.
  const extending = setInterval(() => {
    for (const message of [...batch, ...waiting]) message.working()
  }, ACK_WAIT_MS / 4)
  let isEnded = false
  void messages.closed().then(() => {
    isEnded = true
    rouse()
  })
  try {
    while (!over.aborted && !isEnded) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          rouse = resolve
          if (over.aborted || isEnded) resolve()
        })
        continue
      }
      batch = waiting.splice(0)
      await take(batch.map(incoming))
      for (const message of batch.splice(0)) message.ack()
    }
    // These come again at once. After a failure none is given back, so all come again in their order, after the time for acknowledgements.
    for (const message of waiting) message.nak()
  } finally {
    over.removeEventListener('abort', wake)
    clearInterval(extending)
    messages.stop()
    await briefly(on.flush())
  }
}

/** Creates the consumer of a subscription, or gives it another subject. Returns the number of messages that are not acknowledged. */
async function ensureConsumer(manager: JetStreamManager, stream: string, { name, subject, start }: Receiving): Promise<number> {
  const found = await orNull(manager.consumers.info(stream, name))
  if (found === null) {
    await manager.consumers.add(stream, {
      durable_name: name,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ACK_WAIT_MS * 1_000_000,
      deliver_policy: start === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
      max_ack_pending: MOST_UNSTORED,
      max_deliver: -1,
    })
    return 0
  }
  if (found.config.filter_subject !== subject) await manager.consumers.update(stream, name, { filter_subject: subject })
  return found.num_ack_pending
}

function incoming(message: JsMsg): IncomingMessage {
  const all = (message.headers?.keys() ?? []).map((name) => [name.toLowerCase(), message.headers?.get(name) ?? ''] as const)
  return { subject: message.subject, headers: Object.fromEntries(all), body: message.data }
}
