/** The names of the operations of the server in a GraphQL schema: the messages to subscriptions, and tickets for files. */

import { capital } from '../../base/capital.ts'
import { filePlaces, uploadTarget } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import { subscriptionEntities } from '../endpoints/delivery-endpoints.ts'

/** The root fields about the messages to the subscriptions of an entity, and their types. */
export interface DeliveryNames {
  readonly list: string
  readonly get: string
  readonly replay: string
  readonly delivery: string
  readonly shown: string
  readonly page: string
  readonly attempt: string
}

/** The names of all operations. */
export interface OperationNames {
  /** By the name of the entity. */
  readonly deliveries: ReadonlyMap<string, DeliveryNames>
  /** The root fields that give tickets for files, by field: `Post.photo`. */
  readonly uploads: ReadonlyMap<string, string>
  /** The type of a ticket. */
  readonly ticket: string
}

/** Gives names that are free. */
export interface Free {
  readonly types: (wanted: string) => string
  readonly queries: (wanted: string) => string
  readonly mutations: (wanted: string) => string
}

/** Names the operations. They come after all other names, so that they change none. */
export function operationNames(model: Model, { types, queries, mutations }: Free): OperationNames {
  const deliveries = subscriptionEntities(model).map(({ entity: { name } }): [string, DeliveryNames] => [
    name,
    {
      list: queries(`list${name}Deliveries`),
      get: queries(`get${name}Delivery`),
      replay: mutations(`replay${name}Delivery`),
      delivery: types(`${name}Delivery`),
      shown: types(`${name}DeliveryContent`),
      page: types(`${name}DeliveryPage`),
      attempt: types(`${name}DeliveryAttempt`),
    },
  ])
  // The bytes are sent to an address of REST.
  const places = model.served.rest === null ? [] : filePlaces(model)
  const uploads = places.map((place): [string, string] => [
    uploadTarget(place),
    mutations(`open${place.entity.name}${capital(place.field.name)}Upload`),
  ])
  return { deliveries: new Map(deliveries), uploads: new Map(uploads), ticket: places.length === 0 ? '' : types('UploadTicket') }
}
