/**
 * `npm run bench:attack` measures how fast the server refuses GraphQL documents that ask for far too much, and how much they slow down
 * other requests. Steady traffic runs at a fixed rate: REST and GraphQL, reads and writes. During the attack, another connection sends
 * such documents, one after the other. Rounds with and without the attack alternate.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { openHttpConnection, requestText } from '../src/verify/performance/load/connection.ts'
import { machineBusy, usageOf } from '../src/verify/performance/load/processes.ts'
import { AMPLIFIED } from '../test/graphql/amplified.ts'
import { positive, runBench, whole } from './base/command-line.ts'
import { QUICK } from './database/data.ts'
import { type Database, withDatabase } from './database/database.ts'
import type { Counted } from './load/load.ts'
import { type Loader, withLoader } from './load/loader.ts'
import { median } from './measure/results.ts'
import { table } from './report/report.ts'
import { requestsOf } from './requests/operations.ts'
import type { Request, Sample } from './requests/request.ts'
import { openSamples, readRows } from './servers/sample.ts'
import { SERVERS } from './servers/servers.ts'
import { type Started, type Surroundings, withServers } from './servers/start.ts'
import { surroundingsOf } from './servers/surroundings.ts'

/**
 * The limits that Plinth promises: milliseconds until a refusal, and the factor by which the 99th percentile of other requests may grow.
 */
const PROMISED = { refusalMs: 100, growth: 2 } as const

/**
 * Documents that are refused at different stages, from the first to the last. Each is sent to a server that has had no GraphQL request
 * yet.
 */
const FIRST = ['a megabyte', 'fragments in a circle', 'lists in lists'] as const

/** Milliseconds between the start of a server and the first document. */
const READY_MS = 1_000

interface Wish {
  readonly rounds: number
  readonly seconds: number
  /** Requests a second of the traffic. It is far below what the server can do, so that any waiting comes from the attack. */
  readonly rate: number
}

/** Milliseconds to the refusal, by document. */
type Refusals = ReadonlyMap<string, number[]>

/** Sends documents one after the other over one connection until the time is up. @throws Error when a document is answered. */
async function attack(port: number, documents: readonly string[], milliseconds: number): Promise<Refusals> {
  const texts = documents.map((name) => [name, requestText(posted(name))] as const)
  const refusals = new Map<string, number[]>(documents.map((name) => [name, []]))
  const done = Promise.withResolvers<void>()
  const until = performance.now() + milliseconds
  let turn = 0
  let sentAt = 0
  const send = (): void => {
    const [, text] = texts[turn % texts.length] ?? ['', '']
    sentAt = performance.now()
    connection.send(text)
  }
  const connection = await openHttpConnection(
    port,
    {
      answered({ status, errors }) {
        const now = performance.now()
        const [name] = texts[turn % texts.length] ?? ['']
        if (!errors) done.reject(new Error(`${name}: answered ${status}`))
        refusals.get(name)?.push(now - sentAt)
        turn++
        // The list is sent to its end, so that every document is measured equally often.
        if (now < until || turn % texts.length !== 0) send()
        else done.resolve()
      },
      lost: () => done.reject(new Error('the server closed the connection')),
    },
    { for: 'status and errors' },
  )
  send()
  await done.promise
  connection.close()
  return refusals
}

function posted(name: string): Request {
  return { method: 'POST', path: '/graphql', token: null, body: AMPLIFIED[name] ?? '' }
}

/** Milliseconds to the refusal of each document as the first GraphQL request of a new server. */
async function firstRefusals(surroundings: Surroundings): Promise<readonly (readonly [string, number])[]> {
  const found: (readonly [string, number])[] = []
  for (const name of FIRST) {
    await withServers([['plinth', SERVERS.plinth]], surroundings, async ([server]) => {
      if (server === undefined) throw new Error('nothing was started')
      await sleep(READY_MS)
      found.push([name, (await attack(server.port, [name], 0)).get(name)?.[0] ?? Number.NaN])
    })
  }
  return found
}

/** Requests as clients send them: REST and GraphQL in turn, two reads for one write. */
function traffic(sample: Sample): readonly Request[] {
  const makers = (['rest', 'graphql'] as const).flatMap((dialect) =>
    (['get', 'list', 'update'] as const).map((operation) => requestsOf(operation, dialect, { sample, seed: 1 })),
  )
  return Array.from({ length: 300 }, () => makers.map((make) => make())).flat()
}

interface Round {
  readonly quiet: Counted
  readonly beside: Counted
  readonly refusals: Refusals
  /** The number of processors that other processes of the machine used. */
  readonly others: number
}

interface Measuring {
  readonly database: Database
  readonly server: Started
  readonly loader: Loader
}

/** A round is tried again when other processes took more than this share of one processor. The least disturbed try counts. */
const MOST_TRIES = 3
const DISTURBED = 0.15

async function undisturbed(measuring: Measuring, round: () => Promise<Omit<Round, 'others'>>): Promise<Round> {
  let best: Round | null = null
  for (let tries = 0; tries < MOST_TRIES && (best === null || best.others > DISTURBED); tries++) {
    const before = usedBy(measuring)
    const measured = await round()
    const seconds = measured.quiet.seconds + measured.beside.seconds
    const others = (usedBy(measuring) - before - measured.quiet.cpu - measured.beside.cpu) / seconds
    if (best === null || others < best.others) best = { ...measured, others }
  }
  if (best === null) throw new Error('a round is tried at least once')
  return best
}

/** Seconds of processor time that other processes have used: neither the server nor PostgreSQL nor this process. */
function usedBy({ database, server }: Measuring): number {
  const { user, system } = process.cpuUsage()
  return (machineBusy() ?? 0) - (usageOf(server.pid)?.cpu ?? 0) - (usageOf(database.pid)?.cpu ?? 0) - (user + system) / 1e6
}

async function measureRounds(measuring: Measuring, sample: Sample, { rounds: many, seconds, rate }: Wish): Promise<readonly Round[]> {
  const { server, loader } = measuring
  const fixed = traffic(sample)
  const job = {
    port: server.port,
    sample: 'EdDSA',
    dialect: 'graphql',
    operation: 'get',
    fixed,
    connections: 32,
    rate,
    seed: 1,
  } as const
  const documents = Object.keys(AMPLIFIED)
  const quietly = () => loader.run({ ...job, seconds })
  const attacked = () => Promise.all([loader.run({ ...job, seconds }), attack(server.port, documents, seconds * 1000)])
  await attacked()
  const rounds: Round[] = []
  for (let i = 0; i < many; i++) {
    const round = await undisturbed(measuring, async () => {
      const before = i % 2 === 0 ? await quietly() : null
      const [beside, refusals] = await attacked()
      return { quiet: before ?? (await quietly()), beside, refusals }
    })
    for (const { failed, statuses } of [round.quiet, round.beside])
      if (failed > 0) throw new Error(`${failed} requests failed: ${statuses}`)
    rounds.push(round)
  }
  return rounds
}

function report(first: readonly (readonly [string, number])[], rounds: readonly Round[], { seconds, rate }: Wish): string {
  const ms = (value: number) => value.toFixed(2)
  const refused = Object.keys(AMPLIFIED).map((name) => {
    const all = rounds.flatMap(({ refusals }) => refusals.get(name) ?? [])
    return { name, median: median(all), worst: Math.max(...all) }
  })
  const p99 = { quiet: median(rounds.map((r) => r.quiet.p99)), beside: median(rounds.map((r) => r.beside.p99)) }
  const slowest = Math.max(...first.map(([, took]) => took), ...refused.map(({ worst }) => worst))
  const many = rounds.reduce((sum, { refusals }) => sum + [...refusals.values()].flat().length, 0)
  const byRound = rounds.map((r) => `${ms(r.beside.p99)} : ${ms(r.quiet.p99)}`)
  const growth = `${ms(p99.beside / p99.quiet)} times; by round ${byRound.join(', ')}`
  const verdict = (holds: boolean) => (holds ? 'holds' : 'MISSED')
  return [
    table(
      ['document', 'refused in ms, median', 'worst', 'as the first of a server'],
      refused.map(({ name, median, worst }) => {
        const took = first.find(([document]) => document === name)?.[1]
        return [name, ms(median), ms(worst), took === undefined ? '' : ms(took)]
      }),
    ),
    table(
      [`traffic, ${rate}/s`, 'p50', 'p90', 'p99', 'max'],
      (['quiet', 'beside'] as const).map((which) => [
        which === 'quiet' ? 'alone' : 'beside the attack',
        ...(['p50', 'p90', 'p99', 'max'] as const).map((share) => ms(median(rounds.map((r) => r[which][share])))),
      ]),
    ),
    `refused in under ${PROMISED.refusalMs} ms: ${verdict(slowest < PROMISED.refusalMs)} (slowest ${ms(slowest)} ms)`,
    `p99 under ${PROMISED.growth} times its baseline: ${verdict(p99.beside < PROMISED.growth * p99.quiet)} (${growth})`,
    `other processes took ${ms(Math.max(...rounds.map((r) => r.others)))} of a processor at most`,
    `documents refused a second: ${Math.round(many / (rounds.length * seconds))}`,
  ].join('\n\n')
}

async function measure(database: Database, wish: Wish): Promise<void> {
  const surroundings = surroundingsOf(database.url)
  const rows = await readRows(database)
  const first = await firstRefusals(surroundings)
  await withServers([['plinth', SERVERS.plinth]], surroundings, ([server]) =>
    withLoader(async (loader) => {
      if (server === undefined) throw new Error('nothing was started')
      const samples = await openSamples(rows, { port: server.port, secret: surroundings.secret })
      loader.use(samples)
      console.log(report(first, await measureRounds({ database, server, loader }, samples.EdDSA, wish), wish))
    }),
  )
}

const HELP = `How fast the server refuses GraphQL documents that ask for far too much, and how much they slow down other requests.

  --rounds n     without and with the attack (5)
  --seconds n    of each half of a round (3)
  --rate n       requests a second of the other traffic (600)

Examples:
  npm run bench:attack
      five rounds
  npm run bench:attack -- --rounds 2 --seconds 1 --rate 200
      a short trial`

await runBench({
  name: 'npm run bench:attack',
  help: HELP,
  options: { rounds: { type: 'string' }, seconds: { type: 'string' }, rate: { type: 'string' } },
  read: (values): Wish => ({
    rounds: whole('rounds', values.rounds, { usual: 5, least: 1 }),
    seconds: positive('seconds', values.seconds, 3),
    rate: positive('rate', values.rate, 600),
  }),
  run: (wish) => withDatabase(QUICK, { say: console.log, use: 'a copy' }, (database) => measure(database, wish)),
})
