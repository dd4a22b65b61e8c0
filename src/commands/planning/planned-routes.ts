/** The addresses of a plan besides those of rows and actions: routes that the code of the design adds, files, and messages to webhooks. */

import { subscriptionEntities } from '../../compile/endpoints/delivery-endpoints.ts'
import { deliveryPaths } from '../../model/address/built-in-paths.ts'
import { restBase } from '../../model/address/served.ts'
import { filePlaces } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import { columns } from '../terminal/layout.ts'

/** A route. */
export interface PlannedRoute {
  readonly methods: readonly string[]
  readonly path: string
  /** Whether the OpenAPI document describes it. */
  readonly documented: boolean
  readonly as: 'caller' | 'system'
}

/** The routes of a model, as the plugin adds them. */
export function plannedRoutes({ routes }: Model): readonly PlannedRoute[] {
  if (routes === null) return []
  const { declared, as } = routes
  return declared.map(({ methods, path, schema }) => ({ methods, path, documented: schema !== null && schema.hide !== true, as }))
}

/** Each route: its methods, its path and its rights. */
export function routeLines(routes: readonly PlannedRoute[], heading: string): readonly string[] {
  if (routes.length === 0) return []
  const rows = routes.map(({ methods, path, documented, as }) => [
    methods.join(', '),
    path,
    documented ? '' : 'not in the OpenAPI document',
    as === 'system' ? 'AS SYSTEM' : '',
  ])
  return [heading, ...columns(rows, '  ')]
}

/** A field that holds files. */
export interface PlannedFile {
  readonly entity: string
  readonly field: string
  /** Such as `/api/posts/{id}/photo`. */
  readonly address: string
  readonly maxBytes: number
  /** The accepted media types; null for all. */
  readonly accept: readonly string[] | null
  /** The smaller copies of images: `thumb 200×200 cover`, with `any` for a side that the other one gives. */
  readonly sizes: readonly string[]
}

/** The fields of a model that hold files. */
export function plannedFiles(model: Model): readonly PlannedFile[] {
  return filePlaces(model).map(({ entity, field }) => {
    const { max, accept, sizes, address } = field.type
    return {
      ...{ entity: entity.name, field: field.name, address: `${address.before}{id}${address.after}`, maxBytes: max, accept },
      sizes: sizes.map(({ name, width, height, fit }) => `${name} ${width ?? 'any'}×${height ?? 'any'} ${fit}`),
    }
  })
}

/** Each field: its address, the most bytes, the types and the sizes. */
export function fileLines(files: readonly PlannedFile[], heading: string): readonly string[] {
  if (files.length === 0) return []
  const rows = files.map(({ entity, field, address, maxBytes, accept, sizes }) => [
    `${entity}.${field}`,
    address,
    `at most ${sizeOf(maxBytes)}`,
    accept === null ? 'any file' : accept.join(', '),
    sizes.length === 0 ? '' : `in sizes: ${sizes.join(', ')}`,
  ])
  return [heading, ...columns(rows, '  ')]
}

/** A number of bytes in the largest unit that gives a whole number. */
function sizeOf(bytes: number): string {
  const units = [
    ['GB', 1024 ** 3],
    ['MB', 1024 ** 2],
    ['KB', 1024],
  ] as const
  const [unit, one] = units.find(([, size]) => bytes >= size && bytes % size === 0) ?? ['bytes', 1]
  return `${bytes / one} ${unit}`
}

/** The messages to the subscriptions of an entity, which their accounts see. */
export interface PlannedDeliveries {
  readonly entity: string
  /** The webhooks that send to them. */
  readonly webhooks: readonly string[]
  /** Such as `/api/hooks/{id}/deliveries`. */
  readonly address: string
  /** Who sees them: the fields with the accounts. */
  readonly accounts: readonly string[]
}

/** The messages that accounts see, by the entity of their subscriptions. */
export function plannedDeliveries(model: Model): readonly PlannedDeliveries[] {
  if (model.served.rest === null && !model.served.graphql) return []
  return subscriptionEntities(model).map(({ entity, webhooks }) => ({
    entity: entity.name,
    webhooks: webhooks.map(({ name }) => name),
    address: deliveryPaths(`${restBase(model)}/${entity.path}`)[0],
    accounts: [...new Set(webhooks.map(({ fields }) => `${entity.name}.${fields.account}`))],
  }))
}

/** Each entity: the address of the messages, the webhooks and who sees them. */
export function deliveryLines(deliveries: readonly PlannedDeliveries[], heading: string): readonly string[] {
  if (deliveries.length === 0) return []
  const rows = deliveries.map(({ webhooks, address, accounts }) => [address, webhooks.join(', '), `for ${accounts.join(', ')} alone`])
  return [heading, ...columns(rows, '  ')]
}
