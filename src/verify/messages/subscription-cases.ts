/** F206: a subscription gets what its account may read, and nobody else sees the messages to it. */

import { setTimeout as wait } from 'node:timers/promises'
import { restBase } from '../../model/address/served.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { absentId } from '../cases/absent-id.ts'
import { hasApi } from '../cases/doors.ts'
import type { MessageTools } from '../cases/message-case.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import { type ReferenceBackend, referenceOf } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { differenceOf } from '../security/alike.ts'
import { type Subscribing, subscribe } from './address-cases.ts'
import { type Caused, causeOne, settled } from './arrivals.ts'
import { type EventPlan, judged, type MessageFamily, type MessageOutcome, messageCase, NO_EVENT } from './event-cases.ts'
import { type Occasion, occasionsOf } from './occasions.ts'

/** Milliseconds in which the first attempts are made, and in which a wrong one would come after the others. */
const ATTEMPTS_MS = 15_000
const AFTER_MS = 500
const STEP_MS = 25
/** More events, and more accounts, show nothing new. */
const MOST_EVENTS = 3
const MOST_ACCOUNTS = 8

/** The claim about subscriptions. */
export function subscriptionFamily(asking: PlannedWorld, subscribed: readonly Subscribing[]): MessageFamily {
  const id = 'security/F206/subscriptions'
  const cases = subscribed.map(({ webhook, events }) =>
    messageCase({
      name: `${id}/${webhook.name}/accounts`,
      claim: id,
      goals: [`messages ${webhook.name}`, `log ${webhook.name}`],
      served: 'usual',
      async ask(tools) {
        let last: MessageOutcome | null = null
        for (const plan of events) {
          for (const occasion of occasionsOf(asking, plan, 9).slice(0, MOST_EVENTS)) {
            last = (await askAll(tools, { asking, webhook, plan, occasion })) ?? last
            if (last !== null && 'wrong' in last && last.wrong !== null) return last
          }
        }
        return last ?? { unasked: NO_EVENT }
      },
    }),
  )
  return {
    plan: {
      id,
      claim: 'A subscription gets what its account may read of a row, and only this account sees the messages to it (OWASP API1).',
      path: ['integrations', 'webhooks'],
      oracle: 'the read rules of the row and its fields for each account, on the text of the design; the log of messages',
      text: 'subscriptions of each account to the same event; the log of each, its messages and their content, as its account and as all others',
      what: 'attacks',
      asked: cases.flatMap(({ goals }) => goals),
      impossible: [],
      untested: [],
    },
    cases,
  }
}

interface Asking {
  readonly asking: PlannedWorld
  readonly webhook: Subscribing['webhook']
  readonly plan: EventPlan
  readonly occasion: Occasion
}

/** Subscribes each account, and causes one event; null if it did not happen, or nobody may read its row. */
async function askAll(tools: MessageTools, { asking, webhook, plan, occasion }: Asking): Promise<MessageOutcome | null> {
  const { design, model } = asking.reference
  const made = await subscribe(tools, asking, { webhook, plan, user: occasion.user })
  if (made === null) return null
  const accounts = asking.world.accounts.slice(0, MOST_ACCOUNTS)
  const ids = await tools.copies(
    webhook.entity,
    made.id,
    accounts.map((account) => ({ [webhook.fields.account]: account })),
  )
  const off = await tools.copies(
    webhook.entity,
    made.id,
    accounts.map((account) => ({ [webhook.fields.account]: account, [webhook.fields.active]: 'false' })),
  )
  try {
    const reactions = plan.reactions.filter((one) => one.kind === 'post' && one.webhook === webhook.name)
    const caused = await causeOne(tools, { design, model, entity: plan.entity, occasions: [], reactions }, occasion)
    const row = caused?.event.after ?? null
    if (caused === null || row === null || !caused.promised.some(({ promise }) => promise.kind === 'post')) return null
    const later = referenceOf(design, model, caused.event.rows)
    const all = accounts.map((account, i) => ({ account, id: ids[i] ?? '', mayRead: later.sightOf(account).sees(plan.entity, row) }))
    if (!all.some(({ mayRead }) => mayRead)) return null
    const wrong = (await sentTo(tools, all, off)) ?? (await loggedFor(tools, { all, later, webhook, entity: plan.entity, row, caused }))
    return judged(caused, wrong)
  } finally {
    for (const id of [made.id, ...ids, ...off]) await tools.removeRow(webhook.entity, id)
  }
}

/** A subscription of an account. */
interface Own {
  readonly account: string
  readonly id: string
  /** Whether the account may read the row of the event. */
  readonly mayRead: boolean
}

/** Exactly the subscriptions of those who may read the row have a message. @param off subscriptions that are switched off */
async function sentTo(tools: MessageTools, all: readonly Own[], off: readonly string[]): Promise<string | null> {
  const tried = async (): Promise<ReadonlySet<string>> => new Set((await tools.attempts()).map(({ to }) => to))
  const readers = all.filter(({ mayRead }) => mayRead)
  const began = performance.now()
  for (let now = await tried(); !readers.every(({ id }) => now.has(id)); now = await tried()) {
    if (performance.now() - began > ATTEMPTS_MS) return 'the subscription of an account that may read the row has got no message'
    await wait(STEP_MS)
  }
  await wait(AFTER_MS)
  const now = await tried()
  if (off.some((id) => now.has(id))) return 'a subscription that is switched off has got a message'
  const other = all.find(({ id, mayRead }) => !mayRead && now.has(id))
  return other === undefined ? null : 'the subscription of an account that may not read the row has got a message'
}

interface Logged {
  readonly all: readonly Own[]
  readonly later: ReferenceBackend
  readonly webhook: Subscribing['webhook']
  readonly entity: string
  readonly row: PlainRow
  readonly caused: Caused
}

/** The log of one subscription: its account sees the message with the fields that it may read, and for all others there is none. */
async function loggedFor(tools: MessageTools, { all, later, webhook, entity, row, caused }: Logged): Promise<string | null> {
  const { model } = later
  const rows = await tools.rows()
  const subscription = (id: string): PlainRow | undefined => rows.get(webhook.entity)?.find((one) => String(one.id) === id)
  const sees = (account: string | null, id: string): boolean => {
    const one = subscription(id)
    return one !== undefined && referenceOf(later.design, model, rows).sightOf(account).sees(webhook.entity, one)
  }
  // The answer to the request may be the only thing that its caller may see.
  const owner = all.find(({ account, id, mayRead }) => mayRead && sees(account, id))
  if (owner === undefined) return null
  const at = `${restBase(model)}/${entityNamed(model, webhook.entity).path}/${encodeURIComponent(owner.id)}/deliveries`
  const read = async (account: string | null, url: string, method = 'GET') => tools.send({ method, url, token: tools.tokenOf(account) })
  const list = await read(owner.account, at)
  const delivery: unknown = list.json?.data?.[0]?.id
  if (list.status !== 200 || typeof delivery !== 'string') return `the log of a subscription is answered ${list.status} for its account`
  const one = `${at}/${encodeURIComponent(delivery)}`
  const message = await read(owner.account, one)
  const shown = hiddenIn(message.json?.content?.data ?? {}, { later, account: owner.account, entity, row })
  if (shown !== null) return `the message of ${caused.event.entity} has ${shown}, which its account may not read`
  for (const [what, to] of Object.entries(logDoors(model, webhook.entity, delivery))) {
    const answer = await tools.send({ ...to(owner.id), token: tools.tokenOf(owner.account) })
    if (answer.status >= 300 || answer.json?.errors !== undefined)
      return `${what} of the log of a subscription is answered ${answer.status} for its account: ${answer.text.slice(0, 200)}`
  }
  await settled(tools)
  const told = [list, message].map(({ json }) => placeIn({ ...json, content: null })).find((place) => place !== null)
  if (told !== undefined) return `the log of a subscription has ${told}`
  // The backend itself makes the next attempt then.
  const next: unknown = (await read(owner.account, one)).json?.nextAttemptAt
  const made = (await tools.attempts()).filter(({ to }) => to === owner.id).length
  for (const account of [...all.map((other) => other.account).filter((other) => other !== owner.account), null]) {
    const wrong = await refusedLog(tools, { model, entity: webhook.entity, id: owner.id, delivery, token: tools.tokenOf(account) })
    if (wrong !== null) return wrong
  }
  await wait(AFTER_MS)
  const more = (await tools.attempts()).filter(({ to }) => to === owner.id).length - made
  const isDue = typeof next === 'string' && Date.parse(next) <= Date.now()
  return more > 0 && !isDue ? 'a message was sent again by an account that does not have its subscription' : null
}

/** Addresses and secrets, which no log of messages has (docs/reference/webhooks.md). */
function placeIn(log: unknown): string | null {
  const text = JSON.stringify(log)
  return /\b\d{1,3}(?:\.\d{1,3}){3}\b|\[?(?:[0-9a-f]{0,4}:){3,}[0-9a-f]{0,4}\]?|whsec_\w+|\bhttps?:\/\/\S+/i.exec(text)?.[0] ?? null
}

interface AskedLog {
  readonly model: Model
  readonly entity: string
  readonly id: string
  readonly delivery: string
  readonly token: string | null
}

/** The log of a subscription, through each door, for a caller who does not have it: as one of a subscription that does not exist. */
async function refusedLog(tools: MessageTools, { model, entity, id, delivery, token }: AskedLog): Promise<string | null> {
  const absent = absentId(id)
  for (const [what, to] of Object.entries(logDoors(model, entity, delivery))) {
    const answer = await tools.send({ ...to(id), token })
    const isShown = answer.status < 300 && answer.json?.errors === undefined
    if (isShown) return `${what} of the log of a subscription of another account is answered ${answer.status}`
    const twin = await tools.send({ ...to(absent), token })
    const difference = differenceOf(answer, twin, [[id, absent]])
    if (difference !== null) return `${what} of the log of a subscription of another account: ${difference}`
  }
  return null
}

/** The requests of the log of a subscription, by their names in REST and GraphQL. */
function logDoors(model: Model, name: string, delivery: string): Readonly<Record<string, (id: string) => SentOverHttp>> {
  const { path } = entityNamed(model, name)
  const at = (id: string, more = ''): string => `${restBase(model)}/${path}/${encodeURIComponent(id)}/deliveries${more}`
  const one = `/${encodeURIComponent(delivery)}`
  const graphql = (kind: 'query' | 'mutation', field: string, isOne: boolean) => (id: string) => {
    const which = isOne ? `, delivery: ${JSON.stringify(delivery)}` : ''
    return {
      method: 'POST',
      url: '/graphql',
      body: { query: `${kind} { log: ${field}(id: ${JSON.stringify(id)}${which}) { __typename } }` },
    }
  }
  const rest: Readonly<Record<string, (id: string) => SentOverHttp>> = {
    GET: (id) => ({ method: 'GET', url: at(id) }),
    'GET of a message': (id) => ({ method: 'GET', url: at(id, one) }),
    'POST of replay': (id) => ({ method: 'POST', url: at(id, `${one}/replay`) }),
  }
  if (!hasApi(model, 'graphql')) return rest
  return {
    ...rest,
    [`list${name}Deliveries`]: graphql('query', `list${name}Deliveries`, false),
    [`get${name}Delivery`]: graphql('query', `get${name}Delivery`, true),
    [`replay${name}Delivery`]: graphql('mutation', `replay${name}Delivery`, true),
  }
}

interface Shown {
  readonly later: ReferenceBackend
  readonly account: string
  readonly entity: string
  readonly row: PlainRow
}

/** A field with a value that the account may not read; null if there is none. */
function hiddenIn(data: Readonly<Record<string, unknown>>, { later, account, entity, row }: Shown): string | null {
  const sight = later.sightOf(account)
  const { fields } = entityNamed(later.model, entity)
  return (
    Object.entries(data).find(
      ([name, value]) => value !== null && fields.some((field) => field.name === name) && !sight.seesField(entity, name, row),
    )?.[0] ?? null
  )
}
