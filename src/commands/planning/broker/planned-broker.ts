/** The broker of a plan. */

import { type Broker, type BrokerSubscription, type MessagePlace, variablesOfBroker } from '../../../model/broker/broker.ts'
import type { Model } from '../../../model/model.ts'
import { publishedSubjects } from '../../../model/reaction.ts'
import { columns } from '../../terminal/layout.ts'

/** The broker, with what goes to it and what comes from it. */
export interface PlannedBroker {
  readonly kind: Broker['kind']
  readonly tls: Broker['tls']
  /** How Plinth signs in, in words. */
  readonly auth: string
  /** The attribute `source` of published messages. */
  readonly source: string
  /** The stream that is created if there is none of its name; null for none. */
  readonly stream: Broker['stream']
  readonly publishes: readonly string[]
  readonly subscriptions: readonly PlannedSubscription[]
  /** The environment variables that it needs. */
  readonly variables: readonly string[]
}

/** A subscription. */
export interface PlannedSubscription {
  readonly subscription: string
  readonly subject: string
  readonly type: string | null
  readonly source: string | null
  readonly job: string
  /** `order from data.order.id`. */
  readonly inputs: readonly string[]
  readonly start: BrokerSubscription['start']
  /** `once`: the effect of a message is committed together with its end. `at-least-once`: code opens its transaction itself. */
  readonly takesEffect: 'once' | 'at-least-once'
}

const AUTH = {
  none: 'not authorized',
  password: 'user and password',
  token: 'token',
  creds: 'credentials',
  certificate: 'client certificate',
} as const satisfies Record<Broker['auth']['kind'], string>

/** The broker of a model; null for none. */
export function plannedBroker(model: Model): PlannedBroker | null {
  const { broker } = model
  if (broker === null) return null
  return {
    kind: broker.kind,
    tls: broker.tls,
    auth: AUTH[broker.auth.kind],
    source: broker.source,
    stream: broker.stream,
    publishes: publishedSubjects(model),
    subscriptions: broker.subscriptions.map((subscription) => plannedSubscription(subscription, model)),
    variables: variablesOfBroker(broker),
  }
}

function plannedSubscription(
  { name, subject, type, source, job, inputs, start }: BrokerSubscription,
  { jobs }: Model,
): PlannedSubscription {
  const isOwn = jobs.find(({ kind }) => kind === job)?.action.run?.ownTransaction === true
  const from = inputs.map((input) => `${input.name} from ${placeWords(input.from)}`)
  return { subscription: name, subject, type, source, job, inputs: from, start, takesEffect: isOwn ? 'at-least-once' : 'once' }
}

function placeWords(place: MessagePlace): string {
  return place.kind === 'attribute' ? place.name : ['data', ...place.path].join('.')
}

/** The broker, and then each subscription with the job that its messages become. */
export function brokerLines(broker: PlannedBroker | null, heading: string): readonly string[] {
  if (broker === null) return []
  const { kind, auth, tls, source, stream, publishes, subscriptions, variables } = broker
  const about = [
    kind === 'nats' ? 'NATS JetStream' : 'Kafka',
    auth,
    tls === 'required' ? 'TLS in production' : 'WITHOUT TLS where the server has none',
    `needs ${variables.join(', ')}`,
  ]
  const rows = subscriptions.map(({ subscription, subject, type, source: from, job, inputs, start, takesEffect }) => [
    `${subscription} ← ${subject}`,
    [...(type === null ? [] : [`type ${type}`]), ...(from === null ? [] : [`source ${from}`])].join(', '),
    `job ${job}(${inputs.join(', ')})`,
    start === 'all' ? 'from the oldest message on' : 'new messages',
    takesEffect === 'once' ? 'each takes effect once' : 'each runs AT LEAST ONCE',
  ])
  return [
    heading,
    `  ${about.join(', ')}`,
    ...(publishes.length === 0 ? [] : [`  publishes as ${source}: ${publishes.join(', ')}`]),
    ...(stream === null ? [] : [`  creates the stream ${stream.name} for them, if there is none`]),
    ...columns(rows, '  '),
  ]
}
