/** `npm run bench:transfer`: an action that moves money, beside the same written by hand. */

import { join } from 'node:path'
import { randomFrom } from '../test/support/random.ts'
import { positive, runBench, whole } from './base/command-line.ts'
import { PEERS } from './base/folders.ts'
import { type Query, withClient } from './database/client.ts'
import { QUICK } from './database/data.ts'
import { type Database, migrateTo, withDatabase } from './database/database.ts'
import { withLoader } from './load/loader.ts'
import type { Caller } from './requests/request.ts'
import { measureRounds, type RoundSlot } from './rounds/rounds.ts'
import { roundsReport } from './rounds/rounds-report.ts'
import { plinth, type Server } from './servers/servers.ts'
import { type Surroundings, withServers } from './servers/start.ts'
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
    console.log(roundsReport(slots, new Map(NAMES.map((name) => [name, CONTESTANTS[name].title]))))
    const broken = await Promise.all([...urls].map(async ([name, url]) => withClient(url, (query) => checked(name, query, wish.accounts))))
    console.log(broken.every((one) => one) ? 'money is neither made nor lost, and every balance is the sum of its entries' : 'BROKEN')
    if (slots.some(({ failed }) => failed > 0) || !broken.every((one) => one)) process.exitCode = 1
  })
}

interface Serving {
  readonly servers: readonly (readonly [Name, Server])[]
  readonly surroundings: Surroundings
}

async function measureServers(wish: Wish, database: Database, { servers, surroundings }: Serving): Promise<readonly RoundSlot<Name>[]> {
  return withServers(servers, surroundings, (started) =>
    withLoader(async (loader) => {
      const [own] = started
      if (own === undefined) throw new Error('nothing was started')
      const callers: Caller[] = []
      for (const email of OWNER_EMAILS) callers.push(await logIn(own.port, email))
      const requests = (_: Name, round: number) => transfers(callers, { accounts: wish.accounts, many: REQUESTS }, randomFrom(round + 2))
      const jobs = [{ title: 'transfers', status: 200, requests }] as const
      return measureRounds({ ...wish, loader, postgresPid: database.pid, servers: started, jobs })
    }),
  )
}

/** Makes the database of a server, with the tables of the design and the same rows as the others. */
async function openBank(database: Database, name: Name, accounts: number): Promise<string> {
  const url = await database.empty(`bench_transfer_${name}`)
  await migrateTo(BANK, url)
  await withClient(url, (query) => loadBank(query, accounts))
  return url
}

async function checked(name: Name, query: Query, accounts: number): Promise<boolean> {
  const broken = await brokenIn(query, accounts)
  for (const what of broken) console.log(`${CONTESTANTS[name].title}: ${what}`)
  return broken.length === 0
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
