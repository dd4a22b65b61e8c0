/** What an address does, as data for the router. */

import type { FastifyRequest } from 'fastify'
import type { Answer } from './answer.ts'

/** Answers one request. @throws Failure for whatever is refused or fails. */
export type Handler = (request: FastifyRequest) => Promise<Answer>

/** Handlers of one address, by method. */
export type Handlers = ReadonlyMap<string, Handler>
