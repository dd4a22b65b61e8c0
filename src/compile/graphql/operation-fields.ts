/** The root fields of operations that no statement of rows answers: the messages to subscriptions, and tickets for files. */

import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
} from 'graphql'
import { type EntityFile, filePlaces, uploadTarget } from '../../model/files/file-fields.ts'
import { isNever } from '../../model/predicate.ts'
import { type SubscriptionEntity, subscriptionEntities } from '../endpoints/delivery-endpoints.ts'
import { type View, viewOf } from '../rules/view.ts'
import type { GraphqlInputs } from './input-types.ts'
import { idArgument } from './mutations.ts'
import type { GraphqlNames } from './names.ts'
import type { DeliveryNames } from './operation-names.ts'
import { GRAPHQL_SCALARS } from './scalars.ts'

/** What a root field does. */
export type ServerOperation =
  | { readonly kind: 'list-deliveries' | 'get-delivery' | 'replay-delivery'; readonly of: SubscriptionEntity }
  | { readonly kind: 'open-upload'; readonly place: EntityFile }

/** A root field that does it. */
export interface OperationField {
  readonly name: string
  readonly operation: ServerOperation
  /** Whether it is a query. */
  readonly reads: boolean
  readonly config: GraphQLFieldConfig<unknown, unknown>
}

interface Making {
  readonly view: View
  readonly names: GraphqlNames
  readonly inputs: GraphqlInputs
  readonly pageInfo: GraphQLObjectType
  readonly limits: { readonly pageSizeDefault: number; readonly pageSizeMax: number }
}

/** The root fields of the operations that are open to some caller of the view. */
export function operationFields(making: Making): readonly OperationField[] {
  const { view, names } = making
  const logs = subscriptionEntities(view.model).flatMap((of) => {
    const own = names.operations.deliveries.get(of.entity.name)
    return own === undefined || isNever(viewOf(view, of.entity.name).read) ? [] : deliveryFields(making, of, own)
  })
  return [...logs, ...uploadFields(making)]
}

const TEXT = new GraphQLNonNull(GraphQLString)
const MOMENT = GRAPHQL_SCALARS.timestamp

function deliveryFields(making: Making, of: SubscriptionEntity, names: DeliveryNames): readonly OperationField[] {
  const { inputs, limits, pageInfo } = making
  const { name } = of.entity
  const attempt = object(names.attempt, 'An attempt to send a message.', {
    at: [new GraphQLNonNull(MOMENT), null],
    durationMs: [new GraphQLNonNull(GRAPHQL_SCALARS.integer), null],
    status: [GraphQLInt, 'The status of the answer; null without an answer.'],
    error: [GraphQLString, 'Why it failed; null for one that succeeded.'],
  })
  const members: Members = {
    id: [TEXT, 'The `webhook-id` that the receiver sees.'],
    type: [TEXT, 'The name of the event.'],
    state: [TEXT, 'waiting, sent or failed.'],
    waitsFor: [GraphQLString, 'What it waits for: ready, later, sending or behind (an earlier message about its row); null after its end.'],
    createdAt: [new GraphQLNonNull(MOMENT), null],
    endedAt: [MOMENT, 'When it was sent or given up.'],
    nextAttemptAt: [MOMENT, 'When the next attempt is due, for one that waits for a time.'],
    lastStatus: [GraphQLInt, 'The status of the last answer; null if there was none.'],
    attempts: [new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(attempt))), 'The attempts that are kept, the oldest first.'],
  }
  const delivery = object(names.delivery, `A message to a ${name}.`, members)
  const shown = object(names.shown, `A message to a ${name}, with its content.`, {
    ...members,
    content: [GRAPHQL_SCALARS.json, 'What would be sent now, by your rights; null if that is nothing, or cannot be told any more.'],
  })
  const page = object(names.page, `Messages to a ${name}, the newest first.`, {
    nodes: [new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(delivery))), null],
    pageInfo: [new GraphQLNonNull(pageInfo), null],
  })
  const id = { id: idArgument(inputs, of.entity) }
  const one = { ...id, delivery: { type: TEXT, description: 'The id of the message.' } }
  const paging: GraphQLFieldConfigArgumentMap = {
    first: { type: GraphQLInt, default: { value: limits.pageSizeDefault }, description: `How many, at most ${limits.pageSizeMax}.` },
    after: {
      type: GraphQLString,
      description: 'The page starts after the message with this id, such as `endCursor` of the previous page.',
    },
  }
  return [
    {
      name: names.list,
      operation: { kind: 'list-deliveries', of },
      reads: true,
      config: { type: page, args: { ...id, ...paging }, description: `The messages to your ${name}, the newest first.` },
    },
    {
      name: names.get,
      operation: { kind: 'get-delivery', of },
      reads: true,
      config: { type: shown, args: one, description: `A message to your ${name}.` },
    },
    {
      name: names.replay,
      operation: { kind: 'replay-delivery', of },
      reads: false,
      config: { type: delivery, args: one, description: `Sends a message to your ${name} again, with all attempts.` },
    },
  ]
}

/** A caller who can give no row a file gets no ticket. */
function uploadFields({ view, names }: Making): readonly OperationField[] {
  const { uploads, ticket } = names.operations
  if (uploads.size === 0) return []
  const type = object(ticket, 'Stands for a file in a create or a change, once its bytes were sent.', {
    ticket: [TEXT, 'The value of the field.'],
    url: [TEXT, 'Where the bytes are sent, once, by any client.'],
    method: [TEXT, null],
    expiresAt: [new GraphQLNonNull(MOMENT), null],
    maxBytes: [new GraphQLNonNull(GRAPHQL_SCALARS.integer), null],
  })
  const args = {
    name: { type: GraphQLString, description: 'The name of the file.' },
    size: { type: GRAPHQL_SCALARS.integer, description: 'Its size in bytes: one that is too large is refused at once.' },
  }
  return filePlaces(view.model).flatMap((place): readonly OperationField[] => {
    const { entity, field } = place
    const own = viewOf(view, entity.name)
    const isChanged = !isNever(own.updateFrom) && !isNever(own.updateTo) && !field.immutable
    if (!own.writable.has(field.name) || (isNever(own.create) && !isChanged)) return []
    const description = `Gives a ticket to upload a ${field.name} of one ${entity.name}.`
    return [
      {
        name: uploads.get(uploadTarget(place)) ?? '',
        operation: { kind: 'open-upload', place },
        reads: false,
        config: { type, args, description },
      },
    ]
  })
}

/** The type and the description of each member. */
type Members = Readonly<Record<string, readonly [type: GraphQLOutputType, description: string | null]>>

function object(name: string, description: string, members: Members): GraphQLObjectType {
  const fields = Object.entries(members).map(([member, [type, about]]) => [
    member,
    about === null ? { type } : { type, description: about },
  ])
  return new GraphQLObjectType({ name, description, fields: Object.fromEntries(fields) })
}
