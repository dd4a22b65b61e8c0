/** F202: messages that are sent later connect to nothing that is not public, however its address is written. */

import { setTimeout as wait } from 'node:timers/promises'
import type { SubscribedWebhook } from '../../model/webhooks/webhook.ts'
import type { MessageAttempt, MessageCase, MessageTools, ReceivedPost } from '../cases/message-case.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestsOf } from '../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { type EventPlan, judged, type MessageFamily, type MessageOutcome, messageCase, NO_EVENT } from './event-cases.ts'
import { innerAddresses } from './inner-addresses.ts'
import { type NamedTarget, NETWORK_EDGES, PORTS } from './network-edges.ts'
import { occasionsOf } from './occasions.ts'

/** Milliseconds in which the first attempts are made. */
const ATTEMPTS_MS = 15_000
/** Milliseconds in which a connection would come after an attempt. */
const AFTER_MS = 300
const STEP_MS = 25
/** Errors of an attempt that has begun to connect. */
const CONNECTED = /\bE[A-Z]{4,}\b|\bERR_IP_BLOCKED\b|no answer within|socket hang up|certificate/i

/** What can be asked about addresses. */
export interface AddressPlans {
  readonly asking: PlannedWorld
  /** Subscriptions of users, with an event that is sent to them. */
  readonly subscribed: readonly { readonly webhook: SubscribedWebhook; readonly events: readonly EventPlan[] }[]
  /** Events after which a receiver of the design gets something. */
  readonly received: readonly EventPlan[]
}

/** The claim about addresses. */
export function addressFamily({ asking, subscribed, received }: AddressPlans): MessageFamily {
  const id = 'security/F202/messages'
  const cases = [
    ...subscribed.map(({ webhook, events }) => subscriptionCase(id, asking, { webhook, events })),
    ...received.slice(0, 1).flatMap((plan) => [redirectCase(id, plan), nameCase(id, plan)]),
  ]
  return {
    plan: {
      id,
      claim: 'No message connects to an address that is not public, and none follows a redirect (OWASP API7).',
      path: ['integrations', 'webhooks'],
      oracle: 'listeners on this machine: they get no connection; the log of messages: an attempt to connect is none that was refused',
      text: 'spellings of this machine, the first and last address of each network that is not public and those beside it, and other ports than those of web servers in subscriptions, while sockets of the backend are kept from leaving this machine; receivers that redirect, and a name of which only one address may be reached',
      what: 'attacks',
      asked: cases.flatMap(({ goals }) => goals),
      impossible: [],
      untested: [],
    },
    cases,
  }
}

/** A kind of subscriptions, and the events that are sent to them. */
export interface Subscribing {
  readonly webhook: SubscribedWebhook
  readonly events: readonly EventPlan[]
}

const NOT_GUARDED = 'the program of the backend does not load the guard of sockets, so it is given no addresses of others'

function subscriptionCase(id: string, asking: PlannedWorld, { webhook, events }: Subscribing): MessageCase {
  const others = [`network edges ${webhook.name}`, `ports ${webhook.name}`]
  return messageCase({
    name: `${id}/${webhook.name}/spellings`,
    claim: id,
    goals: [`spellings ${webhook.name}`, ...others],
    served: 'usual',
    async ask(tools) {
      // All at once: some events happen only once in a world.
      const targets = [...spelled(tools), ...(tools.isGuarded() ? [...NETWORK_EDGES, ...PORTS] : [])]
      for (const plan of events) {
        const outcome = await sendingTo(tools, asking, { webhook, plan, targets })
        if (outcome === null) continue
        return tools.isGuarded() || 'unasked' in outcome
          ? outcome
          : { ...outcome, left: Object.fromEntries(others.map((goal) => [goal, NOT_GUARDED])) }
      }
      return { unasked: NO_EVENT }
    },
  })
}

/** The addresses of this machine, and of its network where nobody can be reached. */
function spelled({ canaries, isGuarded }: MessageTools): readonly NamedTarget[] {
  return innerAddresses(canaries, { special: isGuarded() }).map((url) => ({ url, isReached: false }))
}

interface SubscribedTo {
  readonly webhook: SubscribedWebhook
  readonly plan: EventPlan
}

/** Subscribes to an event with all addresses, and causes it; null if no message came of it. */
async function sendingTo(
  tools: MessageTools,
  asking: PlannedWorld,
  { webhook, plan, targets }: SubscribedTo & { readonly targets: readonly NamedTarget[] },
): Promise<MessageOutcome | null> {
  const { canaries } = tools
  const before = canaries.connections()
  for (const occasion of occasionsOf(asking, plan, 6)) {
    const made = await subscribe(tools, asking, { webhook, plan, user: occasion.user })
    if (made === null) continue
    const ids = await tools.copies(
      webhook.entity,
      made.id,
      targets.map(({ url }) => ({ [webhook.fields.url]: url })),
    )
    const asked = new Map(ids.map((one, i) => [one, targets[i]]))
    const answer = await tools.send({ ...occasion.sent, token: tools.tokenOf(occasion.user) })
    const attempts = answer.status < 300 ? await attemptsOf(tools, ids) : []
    await wait(AFTER_MS)
    for (const one of [made.id, ...ids]) await tools.removeRow(webhook.entity, one)
    if (attempts.length === 0) continue
    const connections = canaries.connections() - before
    if (connections > 0) return judged(made, `${connections} connections to this machine, of subscriptions to its addresses`)
    const other = attempts.find((one) => isBegun(one) !== asked.get(one.to)?.isReached)
    if (other !== undefined) return judged(made, otherwise(other, asked.get(other.to)?.url ?? ''))
    // A refusal takes no time, so an attempt that has not ended waits for an answer.
    const waiting = ids.find((one) => !attempts.some(({ to }) => to === one))
    return judged(made, waiting === undefined ? null : `the message to ${asked.get(waiting)?.url} waits for an answer`)
  }
  return null
}

const isBegun = ({ status, error }: MessageAttempt): boolean => status !== null || CONNECTED.test(error)

function otherwise(one: MessageAttempt, url: string): string {
  return isBegun(one)
    ? `the message to ${url} was sent: ${one.status ?? one.error}`
    : `the message to ${url}, which is public, was refused: ${one.error}`
}

interface Made {
  readonly sent: SentOverHttp
  readonly answer: Answered
  readonly id: string
}

/** A new subscription of an account to an event, at an address of this machine. */
export async function subscribe(
  tools: MessageTools,
  { reference }: PlannedWorld,
  { webhook, plan, user }: SubscribedTo & { readonly user: string | null },
): Promise<Made | null> {
  const entity = reference.model.entities.find(({ name }) => name === webhook.entity)
  if (entity === undefined) return null
  const type = `${plan.entity}.${plan.happening}`
  const own = {
    [webhook.fields.url]: innerAddresses(tools.canaries, { special: false })[0],
    [webhook.fields.events]: [type],
    [webhook.fields.active]: true,
  }
  const requests = [...requestsOf(plan.asking, entity, 'create')].filter(
    ({ request, expected }) => request.kind === 'create' && expected.includes(201),
  )
  // An event that its own caller causes is one that it may mostly read.
  for (const { user: account, request } of requests.toSorted((a, b) => Number(b.user === user) - Number(a.user === user)).slice(0, 2)) {
    if (request.kind !== 'create') continue
    const sent = httpRequestOf(reference.model, { ...request, rows: request.rows.map((row) => ({ ...row, ...own })) })
    const answer = await tools.send({ ...sent, token: tools.tokenOf(account) })
    const id: unknown = answer.json?.id
    if (answer.status === 201 && id !== undefined) return { sent, answer, id: String(id) }
  }
  return null
}

/** The first attempts of the messages to subscriptions, as far as they are made in time. */
async function attemptsOf(tools: MessageTools, ids: readonly string[]) {
  for (const began = performance.now(); ; await wait(STEP_MS)) {
    const made = (await tools.attempts()).filter(({ to }) => ids.includes(to))
    const isDone = new Set(made.map(({ to }) => to)).size === ids.length
    if (isDone || performance.now() - began > ATTEMPTS_MS) return made
  }
}

/** Answers that redirect: each status, to another address and to another path of the receiver. */
const REDIRECTS = [
  [307, 'elsewhere'],
  [302, 'beside'],
  [308, 'beside'],
  [301, 'elsewhere'],
  [303, 'beside'],
] as const
const BESIDE = '/redirected-by-verify'

/** A receiver that redirects, to another address of this machine and to itself. */
function redirectCase(id: string, plan: EventPlan): MessageCase {
  return messageCase({
    name: `${id}/redirects`,
    claim: id,
    goals: ['redirects'],
    served: 'usual',
    async ask(tools) {
      const { canaries } = tools
      const before = canaries.connections()
      const elsewhere = `http://${canaries.host}:${canaries.port}/`
      const first = tools.posts().length
      let last: MessageOutcome = { unasked: NO_EVENT }
      let asked = 0
      try {
        for (const occasion of occasionsOf(plan.asking, plan, 7)) {
          const [status, where] = REDIRECTS[asked] ?? []
          if (status === undefined) break
          tools.answerPosts(() => ({ status, headers: { location: where === 'beside' ? BESIDE : elsewhere } }))
          const since = tools.posts().length
          const answer = await tools.send({ ...occasion.sent, token: tools.tokenOf(occasion.user) })
          if (answer.status >= 300 || !(await comes(tools, since))) continue
          asked++
          await wait(AFTER_MS)
          const connections = canaries.connections() - before
          const followed = tools
            .posts()
            .slice(first)
            .some(({ url }) => url.startsWith(BESIDE))
          const wrong =
            connections > 0
              ? `${connections} connections to the address that a receiver redirects to`
              : followed
                ? `a second request, to the path to which a receiver redirects with ${status}`
                : null
          last = judged({ sent: occasion.sent, answer }, wrong)
          if (wrong !== null) break
        }
        return last
      } finally {
        tools.answerPosts(null)
      }
    },
  })
}

/** Whether a receiver gets a message in time. */
async function comes({ posts, state }: MessageTools, since: number): Promise<boolean> {
  const isIn = (all: readonly ReceivedPost[]): boolean => all.length > since
  for (const began = performance.now(); performance.now() - began < ATTEMPTS_MS; await wait(STEP_MS)) {
    if (isIn(posts())) return true
    if (performance.now() - began > AFTER_MS && (await state()).waiting === 0) return isIn(posts())
  }
  return isIn(posts())
}

/**
 * A receiver at a name of this machine of which only one address may be reached. A backend that checks the address and then connects to the
 * name reaches another one.
 */
function nameCase(id: string, plan: EventPlan): MessageCase {
  return messageCase({
    name: `${id}/checked-address`,
    claim: id,
    goals: ['checked-address'],
    served: 'localhost',
    async ask(tools) {
      const before = tools.canaries.connections()
      const receivers = new Set(plan.reactions.flatMap((one) => (one.kind === 'post' ? [one.webhook] : [])))
      for (const occasion of occasionsOf(plan.asking, plan, 8)) {
        const made = (await attemptsAt(tools, receivers)).length
        const answer = await tools.send({ ...occasion.sent, token: tools.tokenOf(occasion.user) })
        if (answer.status >= 300 || !(await isTried(tools, { receivers, made }))) continue
        await wait(AFTER_MS)
        const connections = tools.canaries.connections() - before
        return judged(
          { sent: occasion.sent, answer },
          connections === 0 ? null : `${connections} connections to an address of a name that may not be reached`,
        )
      }
      return { unasked: NO_EVENT }
    },
  })
}

/** The attempts of messages to some receivers. Messages to others may be sent again at any time. */
async function attemptsAt({ attempts }: MessageTools, receivers: ReadonlySet<string>): Promise<readonly MessageAttempt[]> {
  return (await attempts()).filter(({ to }) => receivers.has(to))
}

interface Tried {
  readonly receivers: ReadonlySet<string>
  readonly made: number
}

/** Whether an attempt is made in time. */
async function isTried(tools: MessageTools, { receivers, made }: Tried): Promise<boolean> {
  for (const began = performance.now(); performance.now() - began < ATTEMPTS_MS; await wait(STEP_MS))
    if ((await attemptsAt(tools, receivers)).length > made) return true
  return false
}
