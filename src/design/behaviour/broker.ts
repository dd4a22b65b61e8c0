/** Resolves the message broker, its subscriptions, and the messages of reactions. */

import type { ActionInput } from '../../model/action.ts'
import {
  type Broker,
  type BrokerAuth,
  type BrokerStream,
  type BrokerSubscription,
  MESSAGE_ATTRIBUTES,
  type MessagePlace,
  publishedSubject,
} from '../../model/broker/broker.ts'
import type { Job } from '../../model/job.ts'
import { type ModelEvent, type PublishReaction, publishedSubjects } from '../../model/reaction.ts'
import type { PublishReactionDesign } from '../authoring/behaviour-design.ts'
import type { BrokerDesign, NatsDesign, SubscriptionDesign } from '../authoring/broker/broker-design.ts'
import type { Design } from '../authoring/design.ts'
import { spanMs } from '../authoring/span.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { checkMemberName } from '../outline/outline-names.ts'

const AT = ['integrations', 'broker']
const DAY_MS = 86_400_000
const KEEP = { usual: 7 * DAY_MS, least: 60_000, most: 3_650 * DAY_MS, says: 'a time from 1m to 3650d' } as const

/** The names of a subject, with dots between them; in subscriptions also `*` for one name, and `>` at the end. */
const SUBJECT = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/
const SUBJECTS = /^(?:(?:[^\s.*>]+|\*)(?:\.(?:[^\s.*>]+|\*))*(?:\.>)?|>)$/
/** The name of a topic of Kafka. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/
/** What streams of NATS may be called. */
const STREAM = /^[A-Za-z0-9_-]{1,32}$/

interface BrokerContext {
  readonly design: Design
  readonly report: Report
  /** The jobs of the design. */
  readonly jobs: readonly Job[]
  readonly events: readonly ModelEvent[]
}

/** The broker; null for a design without one. */
export function resolveBroker(context: BrokerContext): Broker | null {
  const { design, report, events } = context
  const broker = design.integrations?.broker
  if (broker === undefined) return null
  const subscribe = Object.entries(broker.subscribe ?? {})
  const publishes = Object.values(design.on ?? {}).some((reactions) => reactions.some((reaction) => 'publish' in reaction))
  if (!publishes && subscribe.length === 0)
    report.add(
      'PLN-D696',
      AT,
      'nothing is published to the broker, and nothing subscribed',
      'declare a reaction with publish under on, or a subscription',
    )
  if (broker.prefix !== undefined) checkSubject(broker.prefix, { kind: 'published', broker, at: [...AT, 'prefix'], report })
  return {
    kind: 'nats' in broker ? 'nats' : 'kafka',
    servers: 'nats' in broker ? broker.nats : broker.kafka,
    auth: authOf(broker.auth),
    tls: broker.tls ?? 'required',
    ca: broker.ca ?? null,
    prefix: broker.prefix ?? null,
    source: broker.source ?? `/${design.name}`,
    stream: 'nats' in broker && broker.stream !== undefined ? resolveStream(broker.stream, { events, report }) : null,
    subscriptions: subscribe.flatMap(([name, subscription]) => resolveSubscription(name, { subscription, broker }, context) ?? []),
  }
}

function authOf(auth: BrokerDesign['auth']): BrokerAuth {
  if (auth === undefined) return { kind: 'none' }
  if ('creds' in auth) return { kind: 'creds', creds: auth.creds }
  if ('token' in auth) return { kind: 'token', token: auth.token }
  if ('certificate' in auth) return { kind: 'certificate', certificate: auth.certificate, key: auth.key }
  return { kind: 'password', user: auth.user, password: auth.password }
}

function resolveStream(
  { name, keep, maxBytes = undefined, replicas = 1 }: NonNullable<NatsDesign['stream']>,
  { events, report }: Pick<BrokerContext, 'events' | 'report'>,
): BrokerStream {
  const at = [...AT, 'stream']
  if (!STREAM.test(name)) report.add('PLN-D697', [...at, 'name'], `${quote(name)} is no name of a stream`, 'use a name such as SHOP')
  else if (publishedSubjects({ events }).length === 0)
    report.add('PLN-D697', at, 'the design publishes nothing, so the stream would have no subjects', 'leave stream out')
  const ms = keep === undefined ? null : spanMs(keep)
  if (ms !== null && (ms < KEEP.least || ms > KEEP.most)) report.add('PLN-D105', [...at, 'keep'], `expected ${KEEP.says}, found ${keep}`)
  return { name, keepMs: ms ?? KEEP.usual, maxBytes: maxBytes ?? null, replicas }
}

interface SubjectPlace {
  readonly kind: 'published' | 'subscribed'
  readonly broker: BrokerDesign
  readonly at: Path
  readonly report: Report
}

/** Reports a subject that cannot be used. */
function checkSubject(subject: string, { kind, broker, at, report }: SubjectPlace): void {
  if ('kafka' in broker) {
    if (!TOPIC.test(subject)) report.add('PLN-D690', at, `${quote(subject)} is no topic of Kafka`, 'write it like orders.paid')
    return
  }
  const fits = kind === 'published' ? SUBJECT : SUBJECTS
  if (fits.test(subject) && !subject.startsWith('$')) return
  const why = kind === 'published' && /[*>]/.test(subject) ? 'has a wildcard, and a message goes to one subject' : 'is no subject'
  report.add('PLN-D690', at, `${quote(subject)} ${why}`, 'write it like orders.paid')
}

/** The subject and the type of a message; null, with a finding, without a broker. */
export function resolveMessage(
  { publish, type }: PublishReactionDesign,
  { event, at }: { readonly event: string; readonly at: Path },
  { design, report }: Pick<BrokerContext, 'design' | 'report'>,
): Pick<PublishReaction, 'subject' | 'type'> | null {
  const broker = design.integrations?.broker
  if (broker === undefined) {
    report.add('PLN-D691', [...at, 'publish'], 'the design has no broker', 'declare integrations: { broker: { nats: NATS_URL } }')
    return null
  }
  checkSubject(publish, { kind: 'published', broker, at: [...at, 'publish'], report })
  return { subject: publishedSubject({ prefix: broker.prefix ?? null }, publish), type: type ?? `${design.name}.${event}` }
}

function resolveSubscription(
  name: string,
  { subscription, broker }: { readonly subscription: SubscriptionDesign; readonly broker: BrokerDesign },
  { report, jobs, design }: BrokerContext,
): BrokerSubscription | null {
  const at = [...AT, 'subscribe', name]
  const { subject, description = null, type = null, source = null, start = 'new', input = {} } = subscription
  checkMemberName(name, { what: 'a subscription', at, report })
  checkSubject(subject, { kind: 'subscribed', broker, at: [...at, 'subject'], report })
  const known = Object.keys(design.jobs ?? {})
  if (!known.includes(subscription.job)) {
    const hint = known.length === 0 ? 'declare it under jobs' : undefined
    report.add('PLN-D623', [...at, 'job'], `unknown job ${quote(subscription.job)}${didYouMean(subscription.job, known)}`, hint)
  }
  const job = jobs.find(({ kind }) => kind === subscription.job)
  if (job === undefined) return null
  checkJob(job, [...at, 'job'], report)
  const named = Object.entries(input).flatMap(([of, place]) => resolvePlace({ of, place, job }, [...at, 'input', of], report) ?? [])
  const inputs = job.action.inputs.map(
    ({ name: of }) => named.find((one) => one.name === of) ?? { name: of, from: { kind: 'data', path: [of] } as const },
  )
  return { name, description, subject, type, source, job: job.kind, inputs, start }
}

/** Reports a job that cannot take messages. */
function checkJob({ kind, action, unique, delayMs }: Job, at: Path, report: Report): void {
  if (action.as !== 'system')
    report.add('PLN-D692', at, `${kind} runs with the rules of a caller, and a message has none`, 'use a job with as: system')
  if (unique !== null) report.add('PLN-D693', at, `${kind} has unique, so messages would be left out`, 'use a job without unique')
  if (delayMs > 0) report.add('PLN-D693', at, `${kind} has a delay, so messages would overtake one another`, 'use a job without delay')
}

function resolvePlace(
  { of, place, job }: { readonly of: string; readonly place: string; readonly job: Job },
  at: Path,
  report: Report,
): BrokerSubscription['inputs'][number] | null {
  const inputs = job.action.inputs
  const input = inputs.find(({ name }) => name === of)
  if (input === undefined) {
    const known = inputs.map(({ name }) => name)
    report.add('PLN-D510', at, `the job ${job.kind} has no input ${quote(of)}${didYouMean(of, known)}`)
    return null
  }
  const from = placeOf(place)
  if (from === null) {
    const problem = `${quote(place)} is no place in a message${didYouMean(place, MESSAGE_ATTRIBUTES)}`
    report.add('PLN-D694', at, problem, `use data.${place.split('.').at(-1)}, or one of ${MESSAGE_ATTRIBUTES.join(', ')}`)
    return null
  }
  if (from.kind === 'attribute' && !fits(input, from.name))
    report.add('PLN-D695', at, `${from.name} is a ${from.name === 'time' ? 'timestamp' : 'text'}, and the input ${of} takes no such value`)
  return { name: of, from }
}

function placeOf(place: string): MessagePlace | null {
  const attribute = MESSAGE_ATTRIBUTES.find((name) => name === place)
  if (attribute !== undefined) return { kind: 'attribute', name: attribute }
  const [first, ...path] = place.split('.')
  return first === 'data' && path.every((name) => name !== '') ? { kind: 'data', path } : null
}

const TEXTS: ReadonlySet<string> = new Set(['text', 'url', 'email', 'uuid'])

/** Whether an input takes an attribute. A subject is often the id of a row. */
function fits({ type }: ActionInput, attribute: string): boolean {
  const { type: of } = type
  if (type.kind === 'reference' && attribute !== 'subject') return false
  if (of.kind === 'choice') return attribute !== 'time'
  if (of.kind !== 'scalar') return false
  if (attribute === 'time') return of.scalar === 'timestamp' || of.scalar === 'text'
  return TEXTS.has(of.scalar)
}
