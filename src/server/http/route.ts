/** Endpoints with the code that answers them, for the router. */

import type { MaybePromise } from '../../base/waiting/when-ready.ts'
import type { Endpoint } from '../../compile/endpoints/endpoint.ts'
import type { EndpointName } from '../../compile/endpoints/endpoints.ts'
import type { Answer } from './answer.ts'
import type { HttpRequest, PathParameters } from './request.ts'

/** Answers one request. @throws Failure when the request is refused or fails, at once or as a rejection. */
export type Handler = (request: HttpRequest) => MaybePromise<Answer>

/** Handlers of a group of endpoints, by their names. */
export type HandlersOf<Name extends EndpointName> = Readonly<Record<Name, Handler>>

/** An endpoint with the function that answers it. */
export interface Route {
  readonly endpoint: Endpoint
  readonly handler: Handler
  /** Which addresses exist at the path of the endpoint; null when all do. */
  readonly addresses: Addresses | null
}

/** Refuses unknown addresses, for every method and before the body is read. */
export interface Addresses {
  /** The parameters whose values are names of the design, where the address exists. */
  readonly named: readonly string[]
  readonly has: (parameters: PathParameters) => boolean
  /** Refuses a request whose address does not exist. @throws Failure `route_not_found`. */
  readonly refuse: (parameters: PathParameters, authorization: string | undefined) => Promise<never>
  /** The methods of an address, when it has not all methods of its path; null when it has. */
  readonly methods: (parameters: PathParameters) => readonly string[] | null
}

/**
 * The path of an existing address for operators: the names of the design in place of their parameters, and nothing that a client has made
 * up. The address must exist.
 */
export function routeName(path: string, addresses: Addresses | null, parameters: PathParameters): string {
  if (addresses === null || addresses.named.length === 0) return path
  let name = path
  for (const parameter of addresses.named) {
    const value = parameters[parameter]
    if (value !== undefined) name = name.replace(`:${parameter}`, value)
  }
  return name
}
