/** The operations of the messages to subscriptions of webhooks, in an OpenAPI document. */

import { unreachable } from '../../base/unreachable.ts'
import { deliveryPaths } from '../../model/address/built-in-paths.ts'
import { restBase } from '../../model/address/served.ts'
import { type DeliveryOperation, deliveryEndpoints, subscriptionEntities } from '../endpoints/delivery-endpoints.ts'
import type { EntityView } from '../rules/view.ts'
import { componentRef, freeName, type JsonObject } from './component-names.ts'
import { errorResponses } from './errors.ts'
import { idParameter, label } from './paths.ts'
import { isOpen, type Scope } from './scope.ts'
import { signedIn } from './security.ts'

interface DeliveryContext {
  readonly scope: Scope
  readonly entity: EntityView
  readonly operationIds: Set<string>
}

/** The path items of the messages to the rows of an entity, if these are subscriptions that the reader of the document may read. */
export function deliveryPathsOf(context: DeliveryContext): JsonObject {
  const { scope, entity } = context
  const of = subscriptionEntities(scope.model).find((one) => one.entity.name === entity.entity.name)
  if (of === undefined || !isOpen(entity, 'read')) return {}
  const [list, one, replay] = deliveryPaths(`${restBase(scope.model)}/${encodeURIComponent(entity.entity.path)}`)
  const at: Readonly<Record<DeliveryOperation, string>> = { listDeliveries: list, getDelivery: one, replayDelivery: replay }
  return Object.fromEntries(
    deliveryEndpoints(scope.model, of).map(({ operation, endpoint }) => {
      const { responses, ...described } = operationOf(context, operation)
      const parameters = operation === 'listDeliveries' ? [idParameter(entity)] : [idParameter(entity), DELIVERY_ID]
      const answered = { ...described, responses: { ...(responses as JsonObject), ...errorResponses(endpoint.failures) } }
      return [at[operation], { parameters, [endpoint.method.toLowerCase()]: answered }]
    }),
  )
}

const TEXT = { type: 'string' } as const
const MESSAGE_ID = { ...TEXT, pattern: '^evt_[0-9]+_[0-9a-f]{16}$' } as const
const DELIVERY_ID = { name: 'delivery', in: 'path', required: true, description: 'Id of the message.', schema: MESSAGE_ID }

function operationOf({ scope, entity, operationIds }: DeliveryContext, operation: DeliveryOperation): JsonObject {
  const { name } = entity.entity
  const named = (id: string, summary: string, description: string) => ({
    operationId: freeName(operationIds, id),
    ...{ summary, description, tags: [name], security: signedIn(scope) },
  })
  switch (operation) {
    case 'listDeliveries':
      return {
        ...named(`list${name}Deliveries`, `List the messages to one ${label(entity)}`, `The newest first. ${OWN}`),
        parameters: [componentRef('parameters', 'PageSize'), componentRef('parameters', 'PageAfter')],
        responses: { 200: { description: 'A page of messages.', content: inJson(PAGE) } },
      }
    case 'getDelivery':
      return {
        ...named(
          `get${name}Delivery`,
          `Read one message to one ${label(entity)}`,
          `With its content, as far as you may read it now. ${OWN}`,
        ),
        parameters: [],
        responses: { 200: { description: 'The message.', content: inJson(SHOWN) } },
      }
    case 'replayDelivery':
      return {
        ...named(
          `replay${name}Delivery`,
          `Send one message to one ${label(entity)} again`,
          `With the same id and all attempts; one that waits for its next attempt is sent at once. ${OWN}`,
        ),
        parameters: [],
        responses: { 202: { description: 'The message as it is now.', content: inJson(DELIVERY) } },
      }
    default:
      return unreachable(operation)
  }
}

function inJson(schema: JsonObject): JsonObject {
  return { 'application/json': { schema } }
}

const OWN = 'Only the account of a subscription sees its messages; for all others there is no such subscription.'

const MOMENT = { ...TEXT, format: 'date-time' } as const
const STATUS = { type: ['integer', 'null'] } as const

function closed(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

const ATTEMPT = closed({
  at: MOMENT,
  durationMs: { type: 'integer', minimum: 0 },
  status: { ...STATUS, description: 'The status of the answer; null without an answer.' },
  error: { type: ['string', 'null'], description: 'Why it failed; null for one that succeeded.' },
})
const MEMBERS = {
  id: { ...MESSAGE_ID, description: 'The `webhook-id` that the receiver sees.' },
  type: { ...TEXT, description: 'The name of the event.' },
  state: { ...TEXT, enum: ['waiting', 'sent', 'failed'] },
  waitsFor: {
    type: ['string', 'null'],
    enum: ['ready', 'later', 'sending', 'behind', null],
    description: 'What it waits for; `behind` is an earlier message about its row. Null after its end.',
  },
  createdAt: MOMENT,
  endedAt: { type: ['string', 'null'], format: 'date-time', description: 'When it was sent or given up.' },
  nextAttemptAt: { type: ['string', 'null'], format: 'date-time', description: 'When the next attempt is due, if it waits for a time.' },
  lastStatus: { ...STATUS, description: 'The status of the last answer; null if there was none.' },
  attempts: { type: 'array', items: ATTEMPT, description: 'The attempts that are kept, the oldest first.' },
}
const DELIVERY = closed(MEMBERS)
const SHOWN = closed({
  ...MEMBERS,
  content: {
    type: ['object', 'null'],
    description: 'What would be sent now, by your rights; null if that is nothing, or cannot be told any more.',
  },
})
const PAGE = closed({ data: { type: 'array', items: DELIVERY }, page: componentRef('schemas', 'PageInfo') })
