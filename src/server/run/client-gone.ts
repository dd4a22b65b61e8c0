/** Requests whose client disconnects before the answer. */

import type { FastifyRequest } from 'fastify'
import type { Executor, PooledRunner } from '../../postgres/executor/execute.ts'

/**
 * The runner of one request. After the client disconnects, its queued calls are dropped and a statement that serves only this
 * request is cancelled.
 */
export function runnerFor({ executor }: { readonly executor: Executor }, { raw }: FastifyRequest): PooledRunner {
  return executor.forCaller(() => raw.socket?.destroyed === true)
}
