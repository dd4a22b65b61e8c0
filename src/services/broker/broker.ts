/**
 * The interface of a message broker. An adapter stores messages, and hands over those of a subscription in their order; everything else
 * (waiting, repetitions, ids that were seen, dead letters) is in PostgreSQL, the same for all brokers.
 */

import type { BrokerAuth } from '../../model/broker/broker.ts'
import type { BrokerObservation } from './observation.ts'

/** A message to publish. */
export interface OutgoingMessage {
  readonly subject: string
  /** The same for a repeated message. A broker that knows ids stores it once. */
  readonly id: string
  /** Messages with the same key keep their order where a broker has several logs for a subject (Kafka). */
  readonly key: string
  /** The message in JSON (`application/cloudevents+json`). */
  readonly body: string
}

/** A message that has come. */
export interface IncomingMessage {
  readonly subject: string
  /** The headers, by name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What is received. */
export interface Receiving {
  /** The name under which the broker remembers how far a subscription is. All processes of one backend use the same name. */
  readonly name: string
  readonly subject: string
  /** Where it begins when the broker sees the name first. */
  readonly start: 'all' | 'new'
  /** Stores messages, which then count as received. After a rejection they come again. It is called again only after it has ended. */
  readonly take: (messages: readonly IncomingMessage[]) => Promise<void>
  /** Aborted when no more messages are wanted. */
  readonly signal: AbortSignal
}

/** A connection to a broker, which is made again whenever it breaks. */
export interface BrokerConnection {
  /**
   * Publishes a message; ends when the broker has stored it.
   *
   * @throws BrokerUnavailable when the broker cannot store any message now, and MessageRefused when it will never store this one.
   */
  readonly publish: (message: OutgoingMessage) => Promise<void>
  /** Receives messages in order until the signal is aborted or the connection breaks. @throws Error when it cannot. */
  readonly receive: (receiving: Receiving) => Promise<void>
  /** Ends the connection. Never rejects. */
  readonly close: () => Promise<void>
}

/** How an adapter connects. */
export interface ConnectionSettings {
  /** The addresses of the servers. */
  readonly servers: readonly string[]
  /** With the values of the environment variables in place of their names. */
  readonly auth: BrokerAuth
  /** Whether a connection without TLS is refused. */
  readonly tls: 'required' | 'preferred'
  /** Certificates of authorities, in PEM; null for those of the system. */
  readonly ca: string | null
  /** The name of this client, for operators of the broker. */
  readonly client: string
}

/** What an adapter needs besides. */
export interface ConnectionDeps {
  readonly observe: (observation: BrokerObservation) => void
  /** Called whenever a connection was made. */
  readonly onConnected: () => void
}

/** The broker cannot be reached, or stores no messages: this is not the fault of a message. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable'
}

/** The broker will never store this message. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused'
}
