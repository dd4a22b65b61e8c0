/**
 * Compares Plinth at this working tree with Plinth at another commit, under the same load in turns. Both servers run all the time on one
 * PostgreSQL server; only the server in its slot gets requests. Each server has a database of its own, a copy of the same loaded one:
 * tables and indexes may differ between the commits, and each database gets those that its own `plinth migrate` makes. Both databases
 * receive the same number of slots, so both grow alike.
 */

import { EnvironmentError } from '../../src/base/environment-error.ts'
import { OWN, type Tree } from '../base/folders.ts'
import { type Database, migrateTo, withCopies } from '../database/database.ts'
import { type Loader, withLoader } from '../load/loader.ts'
import { type Bench, type Load, runSlot, type Slot } from '../measure/slot.ts'
import type { Sample } from '../requests/request.ts'
import { check } from '../servers/checks.ts'
import { openSamples, type Rows, readRows } from '../servers/sample.ts'
import { plinth, SERVERS } from '../servers/servers.ts'
import { type Started, type Surroundings, withServers } from '../servers/start.ts'
import { surroundingsOf } from '../servers/surroundings.ts'
import { type Commit, checkOut, describeWorkingTree, findCommit, outputOf } from './checkout.ts'
import type { AgainstOptions } from './options.ts'
import { orderOf, type Side } from './order.ts'
import { lineOf, type Round, reportOf } from './report.ts'

const SIDES: readonly Side[] = ['this', 'other']

/**
 * How many rounds two server processes serve before new processes replace them. One process may be steadily faster than another process of
 * the same code, because of where its code and data lie in memory. New processes make that vary within the run.
 */
const ROUNDS_A_PROCESS = 5
/** Callers sign in again when their tokens, which last for fifteen minutes, are older than this. */
const TOKENS_MS = 5 * 60 * 1000

const say = (line: string): void => console.log(line)

type Databases = Readonly<Record<Side, Database>>

interface Comparison {
  readonly options: AgainstOptions
  readonly commit: Commit
  readonly trees: Readonly<Record<Side, Tree>>
  readonly databases: Databases
  readonly rows: Rows
  readonly loader: Loader
}

/**
 * Compares this working tree with a commit and prints progress and tables.
 *
 * @throws UsageError for a commit that git does not know; EnvironmentError when a server does not start; Error when an answer is wrong.
 */
export async function compareWithCommit(options: AgainstOptions): Promise<void> {
  const commit = await findCommit(options.revision)
  say(`this: ${await describeWorkingTree()}`)
  say(`${commit.short}: ${commit.subject}`)
  const trees = { this: OWN, other: await checkOut(commit, say) }
  const rounds = await withCopies(options.size, { say, names: SIDES }, async (databases) => {
    await Promise.all(SIDES.map((side) => migrate(trees[side], databases[side].url, side === 'this' ? 'this tree' : commit.short)))
    const rows = await readRows(databases.this)
    return withLoader((loader) => runAll({ options, commit, trees, databases, rows, loader }))
  })
  say(`\n${reportOf(rounds, commit.short)}`)
}

async function migrate(tree: Tree, url: string, name: string): Promise<void> {
  try {
    await migrateTo(tree, url)
  } catch (error) {
    throw new EnvironmentError(`plinth migrate of ${name} fails:\n${outputOf(error).slice(-2_000)}`, `It was run in ${tree.root}.`, {
      cause: error,
    })
  }
}

async function runAll(comparison: Comparison): Promise<readonly Round[]> {
  const { options } = comparison
  const progress = openProgress(comparison)
  const rounds: Round[] = []
  for (let first = 1; first <= options.rounds; first += ROUNDS_A_PROCESS) {
    const last = Math.min(first + ROUNDS_A_PROCESS - 1, options.rounds)
    const surroundings = surroundingsOf(comparison.databases.this.url)
    await withServers(serversOf(comparison, startOrderOf(first)), surroundings, async (servers) => {
      const bench = await openBench(comparison, servers, surroundings)
      if (first === 1) await checkAll(comparison, bench)
      await warmUp(bench, options.loads)
      for (let round = first; round <= last; round++) {
        for (const load of options.loads) rounds.push(await progress(round, () => runRound(bench, load, round)))
      }
    })
  }
  return rounds
}

/** The sides in the order in which their servers start; it alternates, so that starting first favours neither. */
function startOrderOf(firstRound: number): readonly Side[] {
  return Math.floor(firstRound / ROUNDS_A_PROCESS) % 2 === 0 ? SIDES : SIDES.toReversed()
}

function serversOf({ options, commit, trees, databases }: Comparison, sides: readonly Side[]) {
  const { title, peer: _, command: __, ...facts } = SERVERS[options.server]
  return sides.map((side) => {
    const environment = { ...facts.environment, DATABASE_URL: databases[side].url }
    const name = side === 'this' ? 'this working tree' : commit.short
    return [side, plinth(`${title}, ${name}`, trees[side], { ...facts, environment })] as const
  })
}

interface Pairing {
  readonly bench: Bench<Side>
  readonly servers: Readonly<Record<Side, Started<Side>>>
  /** Signs the callers in at both servers when their tokens may soon expire. Returns the samples of both. */
  readonly signIn: () => Promise<Readonly<Record<Side, Sample>>>
}

async function openBench(comparison: Comparison, started: readonly Started<Side>[], { secret }: Surroundings): Promise<Pairing> {
  const { options, databases, rows, loader } = comparison
  const servers = Object.fromEntries(started.map((server) => [server.name, server])) as Record<Side, Started<Side>>
  let samples: Readonly<Record<Side, Sample>> | null = null
  let signedInAt = 0
  const sampleOf = async (side: Side): Promise<Sample> => (await openSamples(rows, { port: servers[side].port, secret })).EdDSA
  const { times, patience } = options
  return {
    servers,
    bench: { database: databases.this, loader, times, patience, sampleOf: ({ name }) => name },
    async signIn() {
      if (samples !== null && performance.now() - signedInAt < TOKENS_MS) return samples
      signedInAt = performance.now()
      const [own, other] = await Promise.all([sampleOf('this'), sampleOf('other')])
      samples = { this: own, other }
      loader.use(samples)
      return samples
    },
  }
}

async function checkAll({ options, databases }: Comparison, { servers, signIn }: Pairing): Promise<void> {
  const samples = await signIn()
  for (const side of SIDES) {
    for (const operation of new Set(options.loads.map((load) => load.operation)))
      await check({ server: servers[side], database: databases[side], sample: samples[side] }, operation)
  }
  say('both servers are started, and their answers are right')
}

/** Loads each new server with each operation for one slot that does not count. */
async function warmUp({ bench, servers, signIn }: Pairing, loads: readonly Load[]): Promise<void> {
  await signIn()
  for (const load of loads) {
    for (const side of SIDES) await runSlot(bench, servers[side], { load, round: 0 })
  }
}

/** @throws Error when a request fails: figures of a server that answers wrongly say nothing. */
async function runRound({ bench, servers, signIn }: Pairing, load: Load, round: number): Promise<Round> {
  await signIn()
  const slots: Slot<Side>[] = []
  for (const side of orderOf(round)) {
    const slot = await runSlot(bench, servers[side], { load, round })
    if (slot.failed > 0)
      throw new Error(`${slot.failed} requests to ${servers[side].server.title} failed: ${load.operation}, status ${slot.statuses}`)
    slots.push(slot)
  }
  return { load, slots }
}

/** Runs rounds and prints a line for each, with the time that the rest will take at the pace so far. */
function openProgress({ options, commit }: Comparison): (number: number, run: () => Promise<Round>) => Promise<Round> {
  const all = options.rounds * options.loads.length
  let begun: number | null = null
  let done = 0
  return async (number, run) => {
    begun ??= performance.now()
    const round = await run()
    done++
    const left = ((performance.now() - begun) / done) * (all - done)
    say(`${number}/${options.rounds} ${lineOf(round, commit.short)}; ${timeText(left)} left`)
    return round
  }
}

function timeText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
