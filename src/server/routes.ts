/** Binds each endpoint to its handler. */

import { failure } from '../base/failure.ts'
import { whenReady } from '../base/waiting/when-ready.ts'
import { ACTION_ENDPOINTS, type ActionEndpointName } from '../compile/endpoints/action-endpoints.ts'
import { unboundEndpoint } from '../compile/endpoints/contract-endpoints.ts'
import { deliveryEndpoints } from '../compile/endpoints/delivery-endpoints.ts'
import type { EndpointName, NamedEndpoint } from '../compile/endpoints/endpoints.ts'
import { fileEndpoints } from '../compile/endpoints/file-endpoints.ts'
import { ownEndpoint } from '../compile/endpoints/own-endpoints.ts'
import type { GraphqlEndpointName } from '../compile/endpoints/page-endpoints.ts'
import type { RowEndpointName } from '../compile/endpoints/row-endpoints.ts'
import { actionAddresses, answerAction, answerOwnAction, OWN_ADDRESSES } from './answer-action.ts'
import { answerSigned } from './answer-signed.ts'
import { type HandlerParts, ROW_HANDLERS, rowAddresses, SERVICE_HANDLERS, targetOf } from './handlers.ts'
import type { Addresses, Handler, Route } from './http/route.ts'
import { queryOf, receive } from './receive.ts'
import type { Stack } from './run/stack.ts'

/** The routes of these endpoints, in the same order, and those of the actions with addresses of their own. */
export function routesOf(endpoints: readonly NamedEndpoint[], parts: HandlerParts): readonly Route[] {
  const rows = rowAddresses(parts.stack)
  const actions = actionAddresses(parts.stack.model)
  const builtIn = endpoints.map((endpoint) => ({
    endpoint,
    handler: handlerOf(endpoint, { parts, rows }),
    addresses: isRow(endpoint.name) ? rows : isAction(endpoint.name) ? actions : null,
  }))
  const { stack } = parts
  return [...builtIn, ...fileRoutes(stack), ...deliveryRoutes(stack), ...ownRoutes(stack), ...unboundRoutes(stack)]
}

/** The routes of files. Their code is loaded by the first request that needs it. */
function fileRoutes(stack: Stack): readonly Route[] {
  if (stack.model.served.rest === null) return []
  return fileEndpoints(stack.model).map(({ operation, place, endpoint }) => {
    const handler: Handler = (request) =>
      whenReady(receive(stack, endpoint, request), async (received) =>
        (await import('./files/file-handlers.ts')).FILE_HANDLERS[operation](stack, place, { ...received, query: queryOf(request) }),
      )
    return { endpoint, handler, addresses: endpoint.path.includes(':') ? OWN_ADDRESSES : null }
  })
}

/** The routes of the messages to subscriptions. Their code is loaded by the first request that needs it. */
function deliveryRoutes(stack: Stack): readonly Route[] {
  if (stack.model.served.rest === null) return []
  return deliveryEndpoints(stack.model).map(({ operation, of, endpoint }) => {
    const handler: Handler = (request) =>
      whenReady(receive(stack, endpoint, request), async ({ caller }) =>
        (await import('./deliveries/delivery-handlers.ts')).DELIVERY_HANDLERS[operation](stack, of, {
          request,
          caller,
          query: queryOf(request),
        }),
      )
    return { endpoint, handler, addresses: OWN_ADDRESSES }
  })
}

/** The routes of the actions with addresses of their own. */
function ownRoutes(stack: Stack): readonly Route[] {
  const actions = stack.model.actions.filter(({ address }) => address.own)
  return actions.map((action) => {
    const endpoint = ownEndpoint(action)
    const { signed } = action.address
    const handler: Handler = (request) =>
      signed === null
        ? whenReady(receive(stack, endpoint, request), (received) => answerOwnAction(stack, action, received))
        : answerSigned(stack, { action, signed, endpoint }, request)
    return { endpoint, handler, addresses: endpoint.path.includes(':') ? OWN_ADDRESSES : null }
  })
}

/** The routes of the operations of the contract that no action serves. */
function unboundRoutes(stack: Stack): readonly Route[] {
  const operations = stack.model.contract?.operations ?? []
  return operations.flatMap((operation) => {
    const endpoint = unboundEndpoint(operation)
    if (endpoint === null) return []
    const handler: Handler = (request) =>
      whenReady(receive(stack, endpoint, request), () => {
        throw failure('not_implemented', { what: operation.name })
      })
    return [{ endpoint, handler, addresses: endpoint.path.includes(':') ? OWN_ADDRESSES : null }]
  })
}

function handlerOf(endpoint: NamedEndpoint, { parts, rows }: { readonly parts: HandlerParts; readonly rows: Addresses }): Handler {
  const { name } = endpoint
  const { stack } = parts
  // GraphQL handlers read the request themselves, because they answer failures in GraphQL's form.
  if (isGraphql(name, parts)) return parts.graphql[name]
  if (isRow(name)) {
    const handler = ROW_HANDLERS[name]
    return (request) => {
      const target = targetOf(stack, request.parameters)
      if (target === null) return rows.refuse(request.parameters, request.headers.authorization)
      return whenReady(receive(stack, endpoint, request), (received) => handler(parts, { ...received, ...target }))
    }
  }
  if (isAction(name)) return async (request) => answerAction(stack, await receive(stack, endpoint, request))
  const handler = SERVICE_HANDLERS[name]
  return (request) => whenReady(receive(stack, endpoint, request), (received) => handler(parts, received))
}

function isGraphql(name: EndpointName, { graphql }: HandlerParts): name is GraphqlEndpointName {
  return name in graphql
}

function isAction(name: EndpointName): name is ActionEndpointName {
  return name in ACTION_ENDPOINTS
}

function isRow(name: EndpointName): name is RowEndpointName {
  return name in ROW_HANDLERS
}
