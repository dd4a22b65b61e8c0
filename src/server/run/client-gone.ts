/** Requests whose client disconnects before the answer. */

import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../model/caller.ts'
import type { Executor, PooledRunner } from '../../postgres/executor/execute.ts'
import { callerKey } from '../http/caller-key.ts'

/**
 * The runner of one request. After the client disconnects, its queued calls are dropped and a statement that serves only this
 * request is cancelled. All requests of one caller share one caller's part of the connections.
 */
export function runnerFor({ executor }: { readonly executor: Executor }, { raw, ip }: FastifyRequest, caller: Caller): PooledRunner {
  return executor.forClient({ gone: () => raw.socket?.destroyed === true, key: callerKey(caller, ip) })
}
