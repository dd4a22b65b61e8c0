/** Every endpoint of a backend: the one table that the router, the OpenAPI document, body limits and observations read. */

import { unreachable } from '../../base/unreachable.ts'
import { restBase } from '../../model/address/served.ts'
import type { Model } from '../../model/model.ts'
import { ACTION_ENDPOINTS } from './action-endpoints.ts'
import { AUTH_ENDPOINTS } from './auth-endpoints.ts'
import type { Endpoint, Method } from './endpoint.ts'
import { GRAPHQL_ENDPOINTS, PAGE_ENDPOINTS } from './page-endpoints.ts'
import { ROW_ENDPOINTS } from './row-endpoints.ts'
import { SERVICE_ENDPOINTS, TRANSACTION_ENDPOINTS } from './service-endpoints.ts'

/** All endpoints by name. Endpoints with a description are in the order of the OpenAPI document; their name is the id of the operation. */
export const ENDPOINTS = {
  ...ROW_ENDPOINTS,
  ...ACTION_ENDPOINTS,
  ...TRANSACTION_ENDPOINTS,
  ...AUTH_ENDPOINTS,
  ...SERVICE_ENDPOINTS,
  ...PAGE_ENDPOINTS,
  ...GRAPHQL_ENDPOINTS,
}

/** The name of an endpoint. */
export type EndpointName = keyof typeof ENDPOINTS

/** An endpoint with its name. */
export interface NamedEndpoint extends Endpoint {
  readonly name: EndpointName
}

const ALL: readonly NamedEndpoint[] = Object.entries(ENDPOINTS).map(([name, endpoint]) => ({ ...endpoint, name: name as EndpointName }))

/** The endpoints of a backend of this model, including those for development. */
export function endpointsOf(model: Model): readonly NamedEndpoint[] {
  const { served } = model
  return ALL.filter((endpoint) => isPresent(endpoint, model)).flatMap((endpoint) => {
    if (endpoint.path.startsWith('/api/')) return served.rest === null ? [] : [{ ...endpoint, path: servedPath(model, endpoint.path) }]
    // The first page makes room for a page of the design at the same address.
    if (endpoint.name === 'getFirstPage' && hasRoot(model)) return []
    return endpoint.name in GRAPHQL_ENDPOINTS && !served.graphql ? [] : [endpoint]
  })
}

/** Whether the design or its contract has something at `/`. */
function hasRoot({ actions, contract }: Model): boolean {
  return (
    actions.some(({ address }) => address.own && address.path === '/') ||
    (contract?.operations ?? []).some(({ servedPath }) => servedPath === '/')
  )
}

/** The path of an endpoint in this backend: `/v2/:path` for `/api/:path`, if the design says so. */
export function servedPath(model: Pick<Model, 'served'>, path: string): string {
  return path.startsWith('/api/') ? `${restBase(model)}${path.slice('/api'.length)}` : path
}

function isPresent({ presence }: Endpoint, { identity, actions }: Model): boolean {
  switch (presence) {
    case 'with-identity':
      return identity !== null
    case 'with-actions':
      return actions.some(({ entity, address }) => entity === null && !address.own)
    case 'with-row-actions':
      return actions.some(({ entity, address }) => entity !== null && !address.own)
    case 'always':
    case 'in-development':
      return true
    default:
      return unreachable(presence)
  }
}

/** Every method that the endpoints of one path answer: HEAD if there is GET (RFC 9110 section 9.3.2), and always OPTIONS. */
export function methodsOf(endpoints: readonly Endpoint[]): readonly (Method | 'HEAD' | 'OPTIONS')[] {
  return [...endpoints.flatMap(({ method }): readonly (Method | 'HEAD')[] => (method === 'GET' ? [method, 'HEAD'] : [method])), 'OPTIONS']
}

/** The header `Allow` of a path (RFC 9110 section 10.2.1). */
export function allowedAt(path: string): string {
  return methodsOf(ALL.filter((endpoint) => endpoint.path === path)).join(', ')
}
