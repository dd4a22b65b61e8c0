/** What a run is asked for on its command line. */

import { parseArgs } from 'node:util'
import { FULL, QUICK, type Size } from './data.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import type { Load, Times } from './run.ts'
import { SERVERS, type Server, type ServerName } from './servers.ts'

export interface Options {
  readonly size: Size
  readonly servers: readonly ServerName[]
  readonly loads: readonly Load[]
  /** Whether servers that are not measured in crowds keep to 32 connections. */
  readonly crowds: 'some' | 'all'
  /** Loads at a fixed rate, as a share of what the plain hand-written server does; measured after the rounds. */
  readonly equal: readonly Operation[]
  readonly rounds: number
  /** How many slots of a run are tried again when others keep the machine busy. */
  readonly patience: number
  readonly times: Times
  /** Whether the results are kept under `results/` and the page is written anew. */
  readonly publish: boolean
}

export const USAGE = `npm run bench -- [options]

  --quick               small data, slots of one second, one round; nothing is published
  --only a,b            servers: ${Object.keys(SERVERS).join(', ')}
  --operations a,b      ${Object.keys(OPERATIONS).join(', ')}
  --connections 1,32    at once, for every operation
  --rounds n            (3)
  --seconds n           of a slot (2)
  --patience n          slots that are tried again because others kept the machine busy (60)
  --publish             write results/<date>.json, docs/performance.md and its plot (the default of a run without any of the above)
`

/** Loads of a whole run: everything at 32 connections; what is asked most, alone and in a crowd too. */
const CONNECTIONS: Readonly<Record<Operation, readonly number[]>> = {
  get: [1, 32, 128],
  list: [1, 32, 128],
  create: [1, 32, 128],
  update: [32],
  login: [32],
  invalid: [32],
  hot: [32],
  tree: [1, 32],
}

const ARGUMENTS = {
  quick: { type: 'boolean' },
  only: { type: 'string' },
  operations: { type: 'string' },
  connections: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  patience: { type: 'string' },
  publish: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** Reads the arguments; null when they ask for help. @throws Error for one that is not known. */
export function readOptions(argv: readonly string[]): Options | null {
  const { values } = parseArgs({ args: [...argv], options: ARGUMENTS })
  if (values.help === true) return null
  const quick = values.quick === true
  const operations = names(values.operations, OPERATIONS) ?? (Object.keys(OPERATIONS) as Operation[])
  const connections = values.connections?.split(',').map(count)
  const loads = operations.flatMap((operation) =>
    (connections ?? (quick ? [32] : CONNECTIONS[operation])).map((many) => ({ operation, connections: many, rate: null })),
  )
  const whole = Object.keys(values).length === 0
  return {
    size: quick ? QUICK : FULL,
    servers: names(values.only, SERVERS) ?? usualServers(),
    loads,
    crowds: connections === undefined ? 'some' : 'all',
    equal: whole || values.publish === true ? ['get', 'create'] : [],
    rounds: values.rounds === undefined ? (quick ? 1 : 3) : count(values.rounds),
    times: {
      warmSeconds: quick ? 0.3 : 0.5,
      slotSeconds: values.seconds === undefined ? (quick ? 1 : 2) : count(values.seconds),
    },
    patience: values.patience === undefined ? (quick ? 0 : 60) : Number(values.patience),
    publish: whole || values.publish === true,
  }
}

function usualServers(): readonly ServerName[] {
  return (Object.keys(SERVERS) as ServerName[]).filter((name) => (SERVERS[name] as Server).usual)
}

function names<T extends string>(given: string | undefined, known: Readonly<Record<T, unknown>>): readonly T[] | undefined {
  return given?.split(',').map((name) => {
    if (!Object.hasOwn(known, name)) throw new Error(`${name} is not one of ${Object.keys(known).join(', ')}`)
    return name as T
  })
}

function count(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${text} is not a number above 0`)
  return value
}
