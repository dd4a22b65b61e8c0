/** Clients that hang up before they are answered. */

import type { FastifyRequest } from 'fastify'
import type { PooledRunner } from '../../postgres/executor/execute.ts'
import type { Stack } from './perform.ts'

/** What runs for a request: once its client has hung up, what waits is not begun, and what runs for it alone is stopped. */
export function runnerFor({ executor }: Stack, { raw }: FastifyRequest): PooledRunner {
  return executor.forCaller(() => raw.socket?.destroyed === true)
}
