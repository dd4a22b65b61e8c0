/** The types of a broker in a design. */

/** Messages of others that become jobs. */
export interface SubscriptionDesign {
  readonly description?: string
  /** A subject, perhaps with wildcards: `payments.settled`, `payments.*`. With Kafka a topic. */
  readonly subject: string
  /** Only messages of this type (CloudEvents); all unless given. */
  readonly type?: string
  /** Only messages of this source (CloudEvents); all unless given. */
  readonly source?: string
  /** The job that a message becomes. */
  readonly job: string
  /** Where its inputs stand in a message, such as `data.order.id` or `time`; members of the data with their names unless given. */
  readonly input?: Readonly<Record<string, string>>
  /** Where it begins: with the oldest message that the broker has (`all`), or with new ones (unless given). */
  readonly start?: 'all' | 'new'
}

interface CommonBrokerDesign {
  /** `required` (unless given): in production there is no connection without TLS. */
  readonly tls?: 'required' | 'preferred'
  /** The variable with the certificates of authorities, in PEM. */
  readonly ca?: string
  /** What stands before each published subject. */
  readonly prefix?: string
  /** The attribute `source` of published messages; a slash and the name of the design unless given. */
  readonly source?: string
  readonly subscribe?: Readonly<Record<string, SubscriptionDesign>>
}

/** NATS JetStream. */
export interface NatsDesign extends CommonBrokerDesign {
  /** The variable with the addresses of the servers. */
  readonly nats: string
  /** The variables with credentials. */
  readonly auth?:
    | { readonly creds: string }
    | { readonly user: string; readonly password: string }
    | { readonly token: string }
    | { readonly certificate: string; readonly key: string }
  /** The stream to create if there is none of this name. */
  readonly stream?: {
    readonly name: string
    /** How long messages are kept; 7d unless given. */
    readonly keep?: string
    /** The most bytes of the stream; no limit unless given. */
    readonly maxBytes?: number
    /** On how many servers it is stored; 1 unless given. */
    readonly replicas?: number
  }
}

/** Kafka, by the package `@platformatic/kafka`. */
export interface KafkaDesign extends CommonBrokerDesign {
  /** The variable with the addresses of the brokers. */
  readonly kafka: string
  /** The variables with user and password (SASL, SCRAM-SHA-512). */
  readonly auth?: { readonly user: string; readonly password: string }
}

/** The message broker. */
export type BrokerDesign = NatsDesign | KafkaDesign
