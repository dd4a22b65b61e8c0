/** All questions of a design about what it sends after its answers, and why some are not asked. */

import type { Model } from '../../model/model.ts'
import type { LeftOut } from '../cases/family-plan.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { referenceOf } from '../expected/reference.ts'
import { addressFamily } from './address-cases.ts'
import { crashFamily } from './crash-cases.ts'
import { type EventPlan, eventFamily, type MessageFamily } from './event-cases.ts'
import { hostileRows } from './hostile-values.ts'
import { mailFamily } from './mail-cases.ts'
import { subscriptionFamily } from './subscription-cases.ts'
import { type WrittenReaction, writtenReactions, writtenWebhooks } from './written-reactions.ts'

/** What is planned. */
export interface PlannedMessages {
  readonly families: readonly MessageFamily[]
  readonly left: readonly LeftOut[]
}

/** The names of environment variables, as a design has them in place of addresses. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/

/** Plans the questions. Pure and deterministic. None for a design that sends nothing. */
export function messageCases({ reference, world }: PlannedWorld): PlannedMessages {
  const { design, model } = reference
  const reactions = writtenReactions(design)
  if (reactions.length === 0) return { families: [], left: [] }
  const stated = statedAddresses(model)
  if (stated.length > 0)
    return { families: [], left: [{ what: 'messages that are sent later', why: `${WHY_STATED}: ${stated.join(', ')}` }] }
  const rows = hostileRows(design, model.entities, { rows: world.rows, mentions: world.mentions })
  const asking = { reference: referenceOf(design, model, rows), world: { ...world, rows } }
  const webhooks = writtenWebhooks(design)
  const isReceived = (one: WrittenReaction): boolean => one.kind === 'mail' || VARIABLE.test(webhooks[one.webhook]?.url ?? '')
  const events = eventsOf(asking, reactions.filter(isReceived))
  const mails = events.filter((event) => event.reactions.some(({ kind }) => kind === 'mail'))
  const posts = events.flatMap((event) => {
    const own = event.reactions.filter(({ kind }) => kind === 'post')
    return own.length === 0 ? [] : [{ ...event, reactions: own }]
  })
  const subscribed = model.webhooks.flatMap((webhook) => {
    const own = eventsOf(
      asking,
      reactions.filter((one) => one.kind === 'post' && one.webhook === webhook.name),
    )
    return webhook.kind === 'subscribed' && own.length > 0 ? [{ webhook, events: own }] : []
  })
  const families = [
    ...events.map(eventFamily),
    ...(events.length === 0 ? [] : [crashFamily(events)]),
    ...(mails.length === 0 ? [] : [mailFamily(mails)]),
    addressFamily({ asking, subscribed, received: posts }),
    subscriptionFamily(asking, subscribed),
  ]
  return {
    families: families.filter(({ cases }) => cases.length > 0),
    left: subscribed.map(({ webhook }) => ({ what: `what subscriptions to ${webhook.name} get`, why: WHY_PUBLIC })),
  }
}

const WHY_STATED = 'the design itself has addresses of other systems, and verify sends nothing there; name a variable in their place'
const WHY_PUBLIC = 'messages to subscriptions are sent only to public addresses, which verify has none of'

/** The rows of the world in which messages are asked for. */
export function messageRows({ reference: { design, model }, world }: PlannedWorld): PlannedWorld['world']['rows'] {
  return hostileRows(design, model.entities, { rows: world.rows, mentions: world.mentions }) as PlannedWorld['world']['rows']
}

/** The reactions by event. */
function eventsOf(asking: PlannedWorld, reactions: readonly WrittenReaction[]): readonly EventPlan[] {
  const groups = Map.groupBy(reactions, ({ entity, happening }) => `${entity}.${happening}`)
  return [...groups.values()].flatMap((own): readonly EventPlan[] => {
    const [first] = own
    return first === undefined ? [] : [{ asking, entity: first.entity, happening: first.happening, reactions: own }]
  })
}

/** Receivers and services whose addresses stand in the design. */
function statedAddresses({ webhooks, httpServices }: Model): readonly string[] {
  return [
    ...webhooks.flatMap((one) => (one.kind === 'fixed' && one.url.kind === 'address' ? [one.name] : [])),
    ...httpServices.flatMap(({ name, baseUrl }) => (baseUrl.kind === 'stated' ? [name] : [])),
  ]
}
