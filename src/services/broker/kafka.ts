/** Kafka as a broker, by the package `@platformatic/kafka`, which the project installs itself. */

import type { Consumer, Message, Producer } from '@platformatic/kafka'
import { EnvironmentError } from '../../base/environment-error.ts'
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

type Library = typeof import('@platformatic/kafka')
type Record = Message<Buffer, Buffer, Buffer, Buffer>

/** The most messages that are stored at a time. */
const MOST_UNSTORED = 64
/** The most bytes of a message that brokers take by default (`message.max.bytes`). */
const MOST_BYTES = 1_000_000
/** Milliseconds for a request. */
const REQUEST_MS = 5_000

/** Connects to Kafka when something is published or received. @throws EnvironmentError without the package. */
export async function openKafka(settings: ConnectionSettings, { observe, onConnected }: ConnectionDeps): Promise<BrokerConnection> {
  const library = await load()
  const options = optionsOf(settings)
  const producer: Producer<Buffer, Buffer, Buffer, Buffer> = new library.Producer({ ...options, idempotent: true })
  const consumers = new Set<Consumer<Buffer, Buffer, Buffer, Buffer>>()
  let isConnected: boolean | null = null
  const tell = (error: string | null): void => {
    if (isConnected === (error === null)) return
    isConnected = error === null
    if (error !== null) {
      observe({ kind: 'disconnected', error })
      return
    }
    observe({ kind: 'connected' })
    onConnected()
  }
  return {
    async publish(message) {
      try {
        await send(producer, message)
        tell(null)
      } catch (error) {
        if (error instanceof MessageRefused) throw error
        const why = error instanceof Error ? error.message : String(error)
        tell(why)
        throw new BrokerUnavailable(`the broker does not store messages: ${why}`, { cause: error })
      }
    },
    async receive(receiving) {
      const consumer = new library.Consumer<Buffer, Buffer, Buffer, Buffer>({ ...options, groupId: receiving.name })
      consumers.add(consumer)
      try {
        await receiveWith(consumer, receiving, () => tell(null))
      } finally {
        consumers.delete(consumer)
        await consumer.close(true).catch(() => {})
      }
    },
    async close() {
      await Promise.all([producer.close(true).catch(() => {}), ...[...consumers].map((one) => one.close(true).catch(() => {}))])
    },
  }
}

async function load(): Promise<Library> {
  try {
    return await import('@platformatic/kafka')
  } catch (error) {
    throw new EnvironmentError('the design has a broker of Kafka, and its package is not installed', 'npm install @platformatic/kafka', {
      cause: error,
    })
  }
}

function optionsOf({ servers, auth, tls, ca, client }: ConnectionSettings) {
  const sasl = auth.kind === 'password' ? { mechanism: 'SCRAM-SHA-512', username: auth.user, password: auth.password } : null
  return {
    clientId: client,
    bootstrapBrokers: [...servers],
    timeout: REQUEST_MS,
    connectTimeout: REQUEST_MS,
    retries: 0,
    ...(tls === 'required' || ca !== null ? { tls: ca === null ? {} : { ca } } : {}),
    ...(sasl === null ? {} : { sasl: sasl as { mechanism: 'SCRAM-SHA-512'; username: string; password: string } }),
  }
}

/** Messages with one key go to one partition, so they keep their order. */
async function send(producer: Producer<Buffer, Buffer, Buffer, Buffer>, { subject, key, body }: OutgoingMessage): Promise<void> {
  const value = Buffer.from(body)
  if (value.byteLength > MOST_BYTES)
    throw new MessageRefused(`the message has ${value.byteLength} bytes, and the broker takes ${MOST_BYTES}`)
  const headers = new Map([[Buffer.from('content-type'), Buffer.from('application/cloudevents+json')]])
  await producer.send({ messages: [{ topic: subject, key: Buffer.from(key), value, headers }], acks: -1 })
}

async function receiveWith(
  consumer: Consumer<Buffer, Buffer, Buffer, Buffer>,
  { subject, start, take, signal }: Receiving,
  onConnected: () => void,
): Promise<void> {
  const stream = await consumer.consume({
    topics: [subject],
    autocommit: false,
    mode: 'committed',
    fallbackMode: start === 'all' ? 'earliest' : 'latest',
    highWaterMark: MOST_UNSTORED,
  })
  onConnected()
  const end = (): void => void stream.close().catch(() => {})
  signal.addEventListener('abort', end, { once: true })
  try {
    let batch: Record[] = []
    for await (const message of stream) {
      batch.push(message)
      if (stream.readableLength > 0 && batch.length < MOST_UNSTORED) continue
      await take(batch.map(incoming))
      await commit(batch)
      batch = []
    }
  } finally {
    signal.removeEventListener('abort', end)
    await stream.close().catch(() => {})
  }
}

/** Commits the last message of each partition. */
async function commit(batch: readonly Record[]): Promise<void> {
  const last = new Map(batch.map((message) => [message.partition, message]))
  for (const message of last.values()) await message.commit()
}

function incoming({ topic, headers, value }: Record): IncomingMessage {
  const all = [...headers].map(([name, text]) => [String(name).toLowerCase(), String(text)] as const)
  return { subject: topic, headers: Object.fromEntries(all), body: value ?? Buffer.alloc(0) }
}
