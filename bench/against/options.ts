/** What a comparison with another commit measures, from the command line. */

import { namesOf, positive, UsageError, whole, wholes } from '../base/command-line.ts'
import { FULL, QUICK, type Size } from '../database/data.ts'
import type { BenchValues } from '../measure/arguments.ts'
import type { Load, Times } from '../measure/slot.ts'
import { OPERATIONS, type Operation } from '../requests/operations.ts'
import { SERVERS, type Server, type ServerName } from '../servers/servers.ts'

/** What `--against` compares, and how long. */
export interface AgainstOptions {
  /** The other commit, as it was typed. */
  readonly revision: string
  readonly size: Size
  /** One of Plinth's own servers. */
  readonly server: ServerName
  readonly loads: readonly Load[]
  /** At least 2. */
  readonly rounds: number
  readonly times: Times
  /** The maximum number of retries of slots that other processes have disturbed. */
  readonly patience: number
}

const USUAL: readonly Operation[] = ['get', 'list', 'create', 'update']
const USUAL_CONNECTIONS = 32
const USUAL_ROUNDS = { whole: 15, quick: 5 } as const

/** Reads the options of a comparison with a commit. @throws UsageError for a value that is not allowed. */
export function readAgainst(revision: string, values: BenchValues): AgainstOptions {
  if (values.publish === true) throw new UsageError('--publish writes the comparison with peers; it cannot be given with --against')
  if (values.equal === true) throw new UsageError('--equal compares with peers; with --against, give --rate')
  const quick = values.quick === true
  const server = serverOf(values.only)
  const operations = values.operations === undefined ? USUAL : namesOf('operations', values.operations, OPERATIONS)
  const { without }: Server = SERVERS[server]
  const missing = operations.find((operation) => without.includes(operation))
  if (missing !== undefined) throw new UsageError(`--operations: ${server} does not do ${missing}`)
  const rate = values.rate === undefined ? null : positive('rate', values.rate, 0)
  const logins = whole('logins', values.logins, { usual: 0, least: 1 })
  const connections = values.connections === undefined ? [USUAL_CONNECTIONS] : wholes('connections', values.connections)
  return {
    revision,
    size: quick ? QUICK : FULL,
    server,
    loads: operations.flatMap((operation) =>
      connections.flatMap((many): readonly Load[] => {
        const load = { operation, connections: many, rate }
        return logins === 0 ? [load] : [load, { ...load, logins }]
      }),
    ),
    rounds: whole('rounds', values.rounds, { usual: quick ? USUAL_ROUNDS.quick : USUAL_ROUNDS.whole, least: 2 }),
    times: { warmSeconds: quick ? 0.3 : 0.5, slotSeconds: positive('seconds', values.seconds, quick ? 1 : 2) },
    patience: whole('patience', values.patience, { usual: 0, least: 0 }),
  }
}

function serverOf(only: string | undefined): ServerName {
  if (only === undefined) return 'plinth'
  const [name, ...more] = namesOf('only', only, SERVERS)
  const server: Server | undefined = name === undefined ? undefined : SERVERS[name]
  if (name === undefined || server === undefined || server.peer !== null || more.length > 0)
    throw new UsageError(`--only takes one server of Plinth with --against, not ${JSON.stringify(only)}`)
  return name
}
