/** Endpoints with the code that answers them, for the router. */

import type { FastifyRequest } from 'fastify'
import type { Endpoint } from '../../compile/endpoints/endpoint.ts'
import type { EndpointName } from '../../compile/endpoints/endpoints.ts'
import type { Answer } from './answer.ts'

/** Answers one request. @throws Failure when the request is refused or fails. */
export type Handler = (request: FastifyRequest) => Promise<Answer>

/** Handlers of a group of endpoints, by their names. */
export type HandlersOf<Name extends EndpointName> = Readonly<Record<Name, Handler>>

/** An endpoint with the function that answers it. */
export interface Route {
  readonly endpoint: Endpoint
  readonly handler: Handler
  /** Refuses an unknown path, for every method and before the body is read. Null when the route itself checks the path. */
  readonly requireAddress: RequireAddress | null
}

/** @throws Failure `route_not_found`. */
export type RequireAddress = (request: FastifyRequest) => Promise<void>
