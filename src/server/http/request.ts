/** A request as handlers get it. The direct door and the Fastify app make equal values. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { RateLimitState } from './rate-limits.ts'

/**
 * The parts of a path that stand for `:path`, `:id` and `:action` in the path of an endpoint, decoded. An address that the design gives has
 * names of its own.
 */
export interface PathParameters {
  readonly [name: string]: string | undefined
  readonly path?: string | undefined
  readonly id?: string | undefined
  readonly action?: string | undefined
}

/** A request whose body has been read. */
export interface HttpRequest {
  readonly method: string
  /** Path and query, as the request line has them. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly parameters: PathParameters
  /** Null without a body. */
  readonly body: Buffer | null
  /** The address of the client: that of the socket, or the one that a trusted proxy names. */
  readonly ip: string
  readonly traceId: string
  /** The message that the request was read from. It tells whether the client is still connected. */
  readonly raw: IncomingMessage
  /** What the rate limit of the caller has left, for the headers of the answer; null while no limit was applied. */
  rateLimit: RateLimitState | null
}
