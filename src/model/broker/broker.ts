/** The message broker of a design, after resolution. */

/** How the backend signs in to the broker. The values are names of environment variables. */
export type BrokerAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** The content of a file of credentials of NATS (a JWT and the seed of its key). */
  | { readonly kind: 'creds'; readonly creds: string }
  /** A client certificate and its key, in PEM. */
  | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string }

/** The stream that Plinth creates if the server has none of this name. */
export interface BrokerStream {
  readonly name: string
  /** Milliseconds for which messages are kept. */
  readonly keepMs: number
  /** The most bytes of the stream; null for no limit. */
  readonly maxBytes: number | null
  readonly replicas: number
}

/** The attributes of a message (CloudEvents 1.0) that a subscription may read. */
export const MESSAGE_ATTRIBUTES = ['id', 'source', 'type', 'subject', 'time'] as const
/** One of these attributes. */
export type MessageAttribute = (typeof MESSAGE_ATTRIBUTES)[number]

/** Where a value stands in a message: in an attribute, or in a member of its data. */
export type MessagePlace =
  | { readonly kind: 'attribute'; readonly name: MessageAttribute }
  /** The names from the data inwards; none for the data itself. */
  | { readonly kind: 'data'; readonly path: readonly string[] }

/** Messages of others that become jobs. */
export interface BrokerSubscription {
  readonly name: string
  readonly description: string | null
  /** A subject of NATS, perhaps with wildcards, or a topic of Kafka. The prefix of the broker is not added to it. */
  readonly subject: string
  /** Only messages of this type; null for all. */
  readonly type: string | null
  /** Only messages of this source; null for all. */
  readonly source: string | null
  /** The job that a message becomes. */
  readonly job: string
  /** Its inputs, and where in a message their values stand. */
  readonly inputs: readonly { readonly name: string; readonly from: MessagePlace }[]
  /** Where a subscription begins when the broker sees it first: with the oldest message, or with those that come from then on. */
  readonly start: 'all' | 'new'
}

/** The broker. */
export interface Broker {
  readonly kind: 'nats' | 'kafka'
  /** The variable with the addresses of its servers. */
  readonly servers: string
  readonly auth: BrokerAuth
  /** Whether a connection without TLS is refused in production. */
  readonly tls: 'required' | 'preferred'
  /** The variable with the certificates of authorities, in PEM; null for those of the system. */
  readonly ca: string | null
  /** What stands before each published subject, without the dot at its end; null for nothing. */
  readonly prefix: string | null
  /** The attribute `source` of published messages. */
  readonly source: string
  /** Null when operators make the streams. */
  readonly stream: BrokerStream | null
  readonly subscriptions: readonly BrokerSubscription[]
}

/** The environment variables that a broker needs. */
export function variablesOfBroker({ servers, auth, ca }: Broker): readonly string[] {
  return [servers, ...variablesOfAuth(auth), ...(ca === null ? [] : [ca])]
}

function variablesOfAuth(auth: BrokerAuth): readonly string[] {
  switch (auth.kind) {
    case 'none':
      return []
    case 'password':
      return [auth.user, auth.password]
    case 'token':
      return [auth.token]
    case 'creds':
      return [auth.creds]
    case 'certificate':
      return [auth.certificate, auth.key]
  }
}

/** The subject to which a message goes. */
export function publishedSubject({ prefix }: Pick<Broker, 'prefix'>, subject: string): string {
  return prefix === null ? subject : `${prefix}.${subject}`
}

/** Whether messages of others become jobs. */
export function hasSubscriptions({ broker }: { readonly broker: Broker | null }): boolean {
  return (broker?.subscriptions.length ?? 0) > 0
}
