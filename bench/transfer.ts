/** `npm run bench:transfer`: an action that moves money, beside the same written by hand. */

import { join } from 'node:path'
import pg from 'pg'
import { randomFrom } from '../test/support/random.ts'
import { ratioOf } from './against/statistics.ts'
import { positive, runBench, whole } from './base/command-line.ts'
import { PEERS } from './base/folders.ts'
import { usageOf } from './base/processes.ts'
import { QUICK } from './database/data.ts'
import { type Database, migrateTo, withDatabase } from './database/database.ts'
import { type Loader, withLoader } from './load/loader.ts'
import { median } from './measure/results.ts'
import { table } from './report/report.ts'
import type { Caller, Sample } from './requests/request.ts'
import { plinth, type Server } from './servers/servers.ts'
import { type Started, type Surroundings, withServers } from './servers/start.ts'
import { surroundingsOf } from './servers/surroundings.ts'
import { logIn } from './servers/tokens.ts'
import { BANK, brokenIn, loadBank, OWNER_EMAILS, transfers } from './transfer/bank.ts'

interface Wish {
  readonly rounds: number
  readonly seconds: number
  readonly accounts: number
  readonly connections: number
}

/** The servers that are compared. The first is compared with each of the others. */
const CONTESTANTS = {
  plinth: plinth('Plinth, the action of the design', BANK, {}),
  transaction: byHand('Fastify + pg: begin, prepared statements, commit', 'transaction'),
  statement: byHand('Fastify + pg: one prepared statement', 'statement'),
} as const satisfies Record<string, Server>

type Name = keyof typeof CONTESTANTS
const NAMES: readonly Name[] = ['plinth', 'transaction', 'statement']

function byHand(title: string, mode: string): Server {
  const peer = join(PEERS, 'fastify-pg')
  return { ...plinth(title, BANK, {}), peer, command: [join(peer, 'transfer.js')], environment: { MODE: mode } }
}

/** Requests that a slot sends in turn. */
const REQUESTS = 20_000
const WARM_SECONDS = 3

/** What one server did in one round. Processor time is in microseconds for each request. */
interface Slot {
  readonly name: Name
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
  readonly statuses: readonly number[]
  readonly serverCpu: number
  readonly postgresCpu: number
}

interface Measuring {
  readonly wish: Wish
  readonly loader: Loader
  readonly database: Database
  readonly servers: readonly Started<Name>[]
  readonly callers: readonly Caller[]
}

async function measure(wish: Wish): Promise<void> {
  await withDatabase(QUICK, { say: console.log, use: 'in place' }, async (database) => {
    const surroundings = surroundingsOf(database.url)
    const urls = new Map<Name, string>()
    for (const name of NAMES) urls.set(name, await openBank(database, name, wish.accounts))
    const servers = NAMES.map((name): readonly [Name, Server] => {
      const server: Server = CONTESTANTS[name]
      return [name, { ...server, environment: { ...server.environment, DATABASE_URL: urls.get(name) ?? '' } }]
    })
    const slots = await measureServers(wish, database, { servers, surroundings })
    console.log(report(slots))
    const broken = await Promise.all([...urls].map(async ([name, url]) => withClient(url, (query) => checked(name, query, wish.accounts))))
    console.log(broken.every((one) => one) ? 'money is neither made nor lost, and every balance is the sum of its entries' : 'BROKEN')
    if (slots.some(({ failed }) => failed > 0) || !broken.every((one) => one)) process.exitCode = 1
  })
}

interface Serving {
  readonly servers: readonly (readonly [Name, Server])[]
  readonly surroundings: Surroundings
}

/** Starts all servers and measures them in turn: forwards and backwards, so that each comes first equally often. */
async function measureServers(wish: Wish, database: Database, { servers, surroundings }: Serving): Promise<readonly Slot[]> {
  return withServers(servers, surroundings, (started) =>
    withLoader(async (loader) => {
      const [own] = started
      if (own === undefined) throw new Error('nothing was started')
      const callers: Caller[] = []
      for (const email of OWNER_EMAILS) callers.push(await logIn(own.port, email))
      loader.use({ EdDSA: sampleOf(callers) })
      const measuring: Measuring = { wish, loader, database, servers: started, callers }
      for (const server of started) await measureSlot(measuring, { server, round: -1, seconds: WARM_SECONDS })
      const slots: Slot[] = []
      for (let round = 0; round < wish.rounds; round++) {
        const turn = round % 2 === 0 ? started : started.toReversed()
        for (const server of turn) slots.push(await measureSlot(measuring, { server, round, seconds: wish.seconds }))
      }
      return slots
    }),
  )
}

async function measureSlot(
  { wish, loader, database, callers }: Measuring,
  { server, round, seconds }: { readonly server: Started<Name>; readonly round: number; readonly seconds: number },
): Promise<Slot> {
  const fixed = transfers(callers, { accounts: wish.accounts, many: REQUESTS }, randomFrom(round + 2))
  const before = [usageOf(server.pid)?.cpu ?? 0, usageOf(database.pid)?.cpu ?? 0] as const
  const job = { port: server.port, sample: 'EdDSA', dialect: 'rest', fixed, connections: wish.connections, seconds, rate: null } as const
  // The answers have the status of this operation; the requests are those of `fixed`.
  const counted = await loader.run({ ...job, operation: 'get', seed: 1 })
  const [serverCpu, postgresCpu] = [(usageOf(server.pid)?.cpu ?? 0) - before[0], (usageOf(database.pid)?.cpu ?? 0) - before[1]]
  const { requests, failed, statuses, p50, p99 } = counted
  const each = (cpu: number): number => (cpu * 1e6) / Math.max(1, requests)
  const perSecond = requests / counted.seconds
  return { name: server.name, perSecond, p50, p99, failed, statuses, serverCpu: each(serverCpu), postgresCpu: each(postgresCpu) }
}

/** Makes the database of a server, with the tables of the design and the same rows as the others. */
async function openBank(database: Database, name: Name, accounts: number): Promise<string> {
  const url = await database.empty(`bench_transfer_${name}`)
  await migrateTo(BANK, url)
  await withClient(url, (query) => loadBank(query, accounts))
  return url
}

type Query = Parameters<typeof loadBank>[0]

async function withClient<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(async (text, values = []) => (await client.query(text, [...values])).rows)
  } finally {
    await client.end()
  }
}

async function checked(name: Name, query: Query, accounts: number): Promise<boolean> {
  const broken = await brokenIn(query, accounts)
  for (const what of broken) console.log(`${CONTESTANTS[name].title}: ${what}`)
  return broken.length === 0
}

/** The load generator takes a sample; only its callers are used here. */
function sampleOf(callers: readonly Caller[]): Sample {
  const [moderator] = callers
  if (moderator === undefined) throw new Error('nobody has signed in')
  return { posts: [], authors: [], commented: [], callers, moderator, own: [], hot: '', logins: [], password: '' }
}

function report(slots: readonly Slot[]): string {
  const of = (name: Name) => slots.filter((slot) => slot.name === name)
  const middle = (name: Name, value: (slot: Slot) => number): number => median(of(name).map(value))
  const ratios = NAMES.slice(1).map((name) => {
    const ratio = ratioOf(of('plinth').map((slot, i) => ({ this: slot.perSecond, other: of(name)[i]?.perSecond ?? 1 })))
    const interval = ratio === null ? '' : `${ratio.ratio.toFixed(2)} × (95 %: ${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`
    return `Plinth ÷ ${CONTESTANTS[name].title}: ${interval}`
  })
  const rows = NAMES.map((name) => [
    CONTESTANTS[name].title,
    middle(name, ({ perSecond }) => perSecond).toFixed(0),
    middle(name, ({ p50 }) => p50).toFixed(2),
    middle(name, ({ p99 }) => p99).toFixed(2),
    middle(name, ({ serverCpu }) => serverCpu).toFixed(0),
    middle(name, ({ postgresCpu }) => postgresCpu).toFixed(0),
    String(of(name).reduce((sum, { failed }) => sum + failed, 0)),
  ])
  const head = ['transfers', 'a second', 'p50 ms', 'p99 ms', 'server µs', 'PostgreSQL µs', 'failed']
  const failures = new Set(slots.flatMap(({ statuses }) => statuses))
  return [table(head, rows), '', ...ratios, ...(failures.size > 0 ? [`statuses of failed answers: ${[...failures].join(', ')}`] : [])].join(
    '\n',
  )
}

const HELP = `Transfers between random accounts: the action of test/actions/designs/bank.yaml, and the same by hand in Fastify and pg,
as a transaction of prepared statements and as one statement. Each server has a database of its own with the same rows. The servers
are measured in turn, forwards and backwards. Afterwards, the tables of each are checked.

Usage: npm run bench:transfer -- [options]

  --rounds N       rounds; each measures every server once (6)
  --seconds N      seconds of a server in a round (4)
  --accounts N     accounts; with few, more transfers wait for each other (1000)
  --connections N  connections that each send one transfer after the other (32)

Examples:
  npm run bench:transfer
  npm run bench:transfer -- --accounts 50 --rounds 4`

await runBench({
  name: 'npm run bench:transfer',
  help: HELP,
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    accounts: { type: 'string' },
    connections: { type: 'string' },
  },
  read: ({ rounds, seconds, accounts, connections }): Wish => ({
    rounds: whole('rounds', rounds, { usual: 6, least: 2 }),
    seconds: positive('seconds', seconds, 4),
    accounts: whole('accounts', accounts, { usual: 1000, least: 2 }),
    connections: whole('connections', connections, { usual: 32, least: 1 }),
  }),
  run: measure,
})
