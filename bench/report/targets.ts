/** The targets of Plinth, one row each: a ratio of Plinth to a peer in the same run. */

import { type Median, medianOf, type Results } from '../measure/results.ts'
import type { Operation } from '../requests/operations.ts'
import type { ServerName } from '../servers/servers.ts'

/** One target. */
export interface Target {
  readonly of: 'plinth' | 'plinth-graphql'
  readonly operation: Operation
  readonly connections: number
  readonly over: ServerName
  /** The lowest ratio that meets the target: requests a second of Plinth ÷ those of the peer. */
  readonly atLeast: number
}

/** All targets. */
export const TARGETS: readonly Target[] = [
  { of: 'plinth', operation: 'get', connections: 32, over: 'fastify-pg', atLeast: 2.5 },
  { of: 'plinth', operation: 'get', connections: 32, over: 'fastify-pipeline', atLeast: 1.5 },
  { of: 'plinth', operation: 'create', connections: 32, over: 'fastify-pg', atLeast: 3 },
  { of: 'plinth', operation: 'create', connections: 32, over: 'fastify-pipeline', atLeast: 3 },
  { of: 'plinth', operation: 'list', connections: 32, over: 'fastify-pg', atLeast: 1.7 },
  { of: 'plinth', operation: 'list', connections: 32, over: 'fastify-pipeline', atLeast: 1.2 },
  { of: 'plinth', operation: 'get', connections: 32, over: 'express-prisma', atLeast: 10 },
  { of: 'plinth', operation: 'create', connections: 32, over: 'express-prisma', atLeast: 10 },
  { of: 'plinth', operation: 'hot', connections: 32, over: 'node-http', atLeast: 0.8 },
  { of: 'plinth', operation: 'get', connections: 1, over: 'fastify-pg', atLeast: 0.9 },
  { of: 'plinth', operation: 'list', connections: 1, over: 'fastify-pg', atLeast: 0.9 },
  { of: 'plinth', operation: 'create', connections: 1, over: 'fastify-pg', atLeast: 0.9 },
  { of: 'plinth-graphql', operation: 'get', connections: 32, over: 'postgraphile', atLeast: 8 },
  { of: 'plinth-graphql', operation: 'list', connections: 32, over: 'postgraphile', atLeast: 8 },
  { of: 'plinth-graphql', operation: 'tree', connections: 32, over: 'postgraphile', atLeast: 8 },
]

/** What a run measured for a target. */
export interface Outcome {
  readonly target: Target
  readonly ratio: number
  /**
   * Processor time of a request to the peer ÷ that of a request to Plinth; of server, PostgreSQL and load generator together. Null where it
   * is unknown.
   */
  readonly costRatio: number | null
}

/** Returns the outcome of each target. Targets whose servers or loads the run left out are absent. */
export function outcomesOf(results: Results): readonly Outcome[] {
  return TARGETS.flatMap((target) => {
    const load = { operation: target.operation, connections: target.connections, rate: null }
    const own = medianOf(results, target.of, load)
    const peer = medianOf(results, target.over, load)
    if (own === null || peer === null) return []
    const [ownCost, peerCost] = [costOf(own), costOf(peer)]
    const costRatio = ownCost === null || peerCost === null ? null : peerCost / ownCost
    return [{ target, ratio: own.perSecond / peer.perSecond, costRatio }]
  })
}

function costOf({ serverCpu, postgresCpu, loadCpu }: Median): number | null {
  return serverCpu === null || postgresCpu === null ? null : serverCpu + postgresCpu + loadCpu
}

/** A load under which a peer did more requests a second than Plinth, by more than the noise. */
export interface Behind {
  readonly server: ServerName
  readonly operation: Operation
  readonly connections: number
  readonly own: Median
  readonly peer: Median
}

const NOISE = 1.03

/** Returns all such loads. The constant answer of node:http is not a peer. */
export function behindOf(
  results: Results,
  loads: readonly { readonly operation: Operation; readonly connections: number }[],
): readonly Behind[] {
  return loads.flatMap(({ operation, connections }) => {
    const load = { operation, connections, rate: null }
    const own = medianOf(results, 'plinth', load)
    if (own === null) return []
    return (Object.keys(results.servers) as ServerName[]).flatMap((server) => {
      const peer = server === 'node-http' || server.startsWith('plinth') ? null : medianOf(results, server, load)
      return peer !== null && peer.perSecond > own.perSecond * NOISE ? [{ server, operation, connections, own, peer }] : []
    })
  })
}
