/** `npm run bench:conduit`: the Conduit API of examples/conduit, beside the same written by hand. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CASES } from '../test/conduit/cases.ts'
import { type Ask, clientOf, sendTo } from '../test/conduit/client.ts'
import { openWorld } from '../test/conduit/world.ts'
import { namesOf, positive, runBench, whole } from './base/command-line.ts'
import { PEERS, ROOT, type Tree } from './base/folders.ts'
import { JOBS, type JobName, jobOf, type Requested } from './conduit/requests.ts'
import { loadRows, PASSWORD, type Size, usernameOf } from './conduit/rows.ts'
import { withClient } from './database/client.ts'
import { QUICK } from './database/data.ts'
import { type Database, migrateTo, withDatabase } from './database/database.ts'
import { withLoader } from './load/loader.ts'
import { measureRounds, type RoundSlot } from './rounds/rounds.ts'
import { roundsReport } from './rounds/rounds-report.ts'
import { plinth, type Server } from './servers/servers.ts'
import { type Started, withServers } from './servers/start.ts'
import { surroundingsOf } from './servers/surroundings.ts'

interface Wish extends Size {
  readonly operations: readonly JobName[]
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
}

const CONDUIT: Tree = { root: ROOT, design: join(ROOT, 'examples/conduit/design.yaml') }
const PEER = join(PEERS, 'fastify-pg')
const BY_HAND = join(PEER, 'conduit')

type Name = 'plinth' | 'hand'

interface Contestant {
  readonly server: Server
  /** What comes before the paths of the contract. */
  readonly base: string
  readonly makeTables: (url: string) => Promise<void>
}

/** The servers that are compared. */
const CONTESTANTS: Readonly<Record<Name, Contestant>> = {
  plinth: { server: plinth('Plinth, the design', CONDUIT, {}), base: '/api', makeTables: (url) => migrateTo(CONDUIT, url) },
  hand: {
    server: { ...plinth('Fastify + pg, by hand', CONDUIT, {}), peer: PEER, command: [join(BY_HAND, 'server.js')], environment: {} },
    base: '',
    makeTables: async (url) => {
      const tables = await readFile(join(BY_HAND, 'tables.sql'), 'utf8')
      await withClient(url, async (query) => query(tables))
    },
  },
}
const NAMES: readonly Name[] = ['plinth', 'hand']

/** Users who send the requests. */
const CALLERS = 32

async function measure(wish: Wish): Promise<void> {
  await withDatabase(QUICK, { say: console.log, use: 'in place' }, async (database) => {
    const servers: (readonly [Name, Server])[] = []
    for (const name of NAMES) {
      const { server, makeTables } = CONTESTANTS[name]
      const url = await database.empty(`bench_conduit_${name}`)
      await makeTables(url)
      await withClient(url, (query) => loadRows(query, wish))
      servers.push([name, { ...server, environment: { ...server.environment, DATABASE_URL: url } }])
    }
    const slots = await withServers(servers, surroundingsOf(database.url), (started) => compare(wish, database, started))
    console.log(roundsReport(slots, new Map(NAMES.map((name) => [name, CONTESTANTS[name].server.title]))))
    if (slots.some(({ failed }) => failed > 0)) process.exitCode = 1
  })
}

async function compare(wish: Wish, { pid }: Database, started: readonly Started<Name>[]): Promise<readonly RoundSlot<Name>[]> {
  const requested = new Map<Name, Requested>()
  for (const { name, port, server } of started) {
    const { base } = CONTESTANTS[name]
    const ask = clientOf(sendTo(`http://127.0.0.1:${port}`), base)
    await check(name, ask)
    requested.set(name, { base, tokens: await signIn(ask), databaseUrl: server.environment.DATABASE_URL ?? '' })
  }
  const jobs = wish.operations.map((name) => jobOf(name, requested, wish))
  return withLoader((loader) => measureRounds({ ...wish, loader, postgresPid: pid, servers: started, jobs }))
}

/** Runs all cases of the contract. @throws Error when one fails. */
async function check(name: Name, ask: Ask): Promise<void> {
  const world = await openWorld(ask)
  for (const { operation, title, run } of CASES) {
    await run(world).catch((cause: unknown) => {
      throw new Error(`${name}: ${operation} ${title}`, { cause })
    })
  }
  console.log(`${CONTESTANTS[name].server.title}: ${CASES.length} cases of the contract hold`)
}

async function signIn(ask: Ask): Promise<readonly string[]> {
  const tokens: string[] = []
  for (let i = 0; i < CALLERS; i++) {
    const { body } = await ask('Login', { inside: { email: `${usernameOf(i)}@example.com`, password: PASSWORD } })
    tokens.push(body.user.token)
  }
  return tokens
}

const HELP = `The Conduit API of examples/conduit, and the same by hand in Fastify and pg. Each server has a database of its own with the
same rows. First all cases of the contract (test/conduit) run on each. Then the servers are measured in turn, forwards and backwards.

Usage: npm run bench:conduit -- [options]

  --operations LIST  of ${Object.keys(JOBS).join(', ')} (all)
  --rounds N         rounds; each measures every server once under each operation (4)
  --seconds N        seconds of a server under an operation in a round (2)
  --articles N       articles (2000)
  --users N          users (500)
  --connections N    connections that each send one request after the other (32)

Examples:
  npm run bench:conduit
  npm run bench:conduit -- --operations list,get --rounds 6`

await runBench({
  name: 'npm run bench:conduit',
  help: HELP,
  options: {
    operations: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    articles: { type: 'string' },
    users: { type: 'string' },
    connections: { type: 'string' },
  },
  read: ({ operations, rounds, seconds, articles, users, connections }): Wish => ({
    operations: operations === undefined ? (Object.keys(JOBS) as JobName[]) : namesOf('operations', operations, JOBS),
    rounds: whole('rounds', rounds, { usual: 4, least: 2 }),
    seconds: positive('seconds', seconds, 2),
    articles: whole('articles', articles, { usual: 2000, least: 100 }),
    users: whole('users', users, { usual: 500, least: 100 }),
    connections: whole('connections', connections, { usual: 32, least: 1 }),
  }),
  run: measure,
})
