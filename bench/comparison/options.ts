/** What a comparison with peers measures, from the command line. */

import { namesOf, positive, UsageError, whole, wholes } from '../base/command-line.ts'
import { FULL, QUICK, type Size } from '../database/data.ts'
import type { BenchValues } from '../measure/arguments.ts'
import type { Load, Times } from '../measure/slot.ts'
import { OPERATIONS, type Operation } from '../requests/operations.ts'
import { SERVERS, type Server, type ServerName } from '../servers/servers.ts'

/** What a comparison with peers measures. */
export interface Options {
  readonly size: Size
  readonly servers: readonly ServerName[]
  readonly loads: readonly Load[]
  /** Whether servers without `crowds` are measured at 32 connections only. */
  readonly crowds: 'some' | 'all'
  /** Operations measured at a fixed rate after the rounds; the rate is a share of what the plain hand-written server reaches. */
  readonly equal: readonly Operation[]
  readonly rounds: number
  /** The maximum number of retries of slots that other processes have disturbed. */
  readonly patience: number
  readonly times: Times
  /** Whether the results are written to `results/` and to the page. */
  readonly publish: boolean
}

/** Connections of a whole run: all operations at 32; the most frequent ones also at 1 and at 128. */
const CONNECTIONS: Readonly<Record<Operation, readonly number[]>> = {
  get: [1, 32, 128],
  list: [1, 32, 128],
  create: [1, 32, 128],
  update: [32],
  login: [32],
  invalid: [32],
  hot: [32],
  tree: [1, 32],
  branch: [1, 32],
}

/** The operations whose latencies are compared at equal load. */
const EQUAL: readonly Operation[] = ['get', 'list', 'create']

/** Reads the options of a comparison with peers. @throws UsageError for a value that is not allowed. */
export function readComparison(values: BenchValues): Options {
  const quick = values.quick === true
  if (values.rate !== undefined || values.logins !== undefined)
    throw new UsageError('--rate and --logins compare with a commit; give --against, too')
  const operations =
    values.operations === undefined ? (Object.keys(OPERATIONS) as Operation[]) : namesOf('operations', values.operations, OPERATIONS)
  const connections = values.connections === undefined ? undefined : wholes('connections', values.connections)
  const loads = operations.flatMap((operation) =>
    (connections ?? (quick ? [32] : CONNECTIONS[operation])).map((many) => ({ operation, connections: many, rate: null })),
  )
  const asUsual = Object.keys(values).length === 0
  return {
    size: quick ? QUICK : FULL,
    servers: values.only === undefined ? usualServers() : namesOf('only', values.only, SERVERS),
    loads,
    crowds: connections === undefined ? 'some' : 'all',
    equal: asUsual || values.publish === true || values.equal === true ? EQUAL.filter((one) => operations.includes(one)) : [],
    rounds: whole('rounds', values.rounds, { usual: quick ? 1 : 3, least: 1 }),
    times: {
      warmSeconds: quick ? 0.3 : 0.5,
      slotSeconds: positive('seconds', values.seconds, quick ? 1 : 2),
    },
    patience: whole('patience', values.patience, { usual: quick ? 0 : 60, least: 0 }),
    publish: asUsual || values.publish === true,
  }
}

function usualServers(): readonly ServerName[] {
  return (Object.keys(SERVERS) as ServerName[]).filter((name) => (SERVERS[name] as Server).usual)
}
