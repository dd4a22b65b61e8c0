/** Compares Plinth and its peers on the same PostgreSQL, the same data and the same requests, in turns. */

import { type Database, withDatabase } from '../database/database.ts'
import { withLoader } from '../load/loader.ts'
import { describeCommit, describeMachine, describeServers, medianOf, type Results } from '../measure/results.ts'
import { type Bench, type Load, runSlot, type Slot } from '../measure/slot.ts'
import { publish } from '../report/publish.ts'
import { summaryOf } from '../report/report.ts'
import type { Samples } from '../requests/request.ts'
import { check } from '../servers/checks.ts'
import { openSamples, readRows } from '../servers/sample.ts'
import { SERVERS, type ServerName } from '../servers/servers.ts'
import { type Started, withServers } from '../servers/start.ts'
import { preparePeers, surroundingsOf } from '../servers/surroundings.ts'
import type { Options } from './options.ts'

/** The comparison at equal load uses this share of the highest rate of the plain hand-written server. */
const EQUAL = { share: 0.6, of: 'fastify-pg', connections: 32 } as const

const say = (line: string): void => console.log(line)

async function measure(database: Database, options: Options): Promise<Results> {
  await preparePeers(database)
  const surroundings = surroundingsOf(database.url)
  const rows = await readRows(database)
  // Plinth signs the callers in, so it is started even when it is not measured.
  const names: readonly ServerName[] = options.servers.includes('plinth') ? options.servers : ['plinth', ...options.servers]
  const servers = names.map((name) => [name, SERVERS[name]] as const)
  return withServers(servers, surroundings, (all) =>
    withLoader(async (loader) => {
      const measured = all.filter((one) => options.servers.includes(one.name))
      const port = all.find((one) => one.name === 'plinth')?.port ?? 0
      const signIn = async (): Promise<Samples> => {
        const samples = await openSamples(rows, { port, secret: surroundings.secret })
        loader.use(samples)
        return samples
      }
      const bench: Bench = { database, loader, times: options.times, patience: options.patience, sampleOf: ({ server }) => server.tokens }
      await checkAll(database, measured, { samples: await signIn(), options })
      const slots = await runRounds(bench, measured, { options, signIn })
      return {
        date: new Date().toISOString(),
        commit: describeCommit(),
        machine: await describeMachine(database),
        data: options.size,
        times: options.times,
        servers: describeServers(options.servers),
        slots: [...slots, ...(await runEqual(bench, measured, { options, signIn, slots }))],
      }
    }),
  )
}

async function checkAll(
  database: Database,
  measured: readonly Started[],
  { samples, options }: { readonly samples: Samples; readonly options: Options },
): Promise<void> {
  for (const server of measured) {
    for (const operation of new Set(options.loads.map((load) => load.operation))) {
      if (server.server.without.includes(operation)) continue
      await check({ server, database, sample: samples[server.server.tokens] }, operation)
    }
    say(`${server.name}: started in ${Math.round(server.startMs)} ms, answers are right`)
  }
}

interface Rounds {
  readonly options: Options
  /** Signs the callers in again; called before their tokens expire. */
  readonly signIn: () => Promise<unknown>
}

async function runRounds(bench: Bench, measured: readonly Started[], { options, signIn }: Rounds): Promise<readonly Slot[]> {
  const slots: Slot[] = []
  for (let round = 1; round <= options.rounds; round++) {
    await signIn()
    for (const load of options.loads) {
      const able = measured.filter(({ server }) => options.crowds === 'all' || server.crowds || load.connections === EQUAL.connections)
      slots.push(...(await runLoad(bench, able, { load, round })))
    }
  }
  return slots
}

/** Gives each server one slot. The first server changes from round to round. */
async function runLoad(
  bench: Bench,
  measured: readonly Started[],
  at: { readonly load: Load; readonly round: number },
): Promise<readonly Slot[]> {
  const slots: Slot[] = []
  for (let i = 0; i < measured.length; i++) {
    const server = measured[(i + at.round) % measured.length]
    if (server === undefined || server.server.without.includes(at.load.operation)) continue
    const slot = await runSlot(bench, server, at)
    slots.push(slot)
    say(lineOf(slot))
  }
  return slots
}

function lineOf({ round, operation, connections, server, perSecond, p50, p99, failed, statuses, others }: Slot): string {
  const figures = `${Math.round(perSecond)}/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
  const disturbed = others === null ? '' : `, others took ${others.toFixed(1)} processors`
  const failures = failed > 0 ? `, ${failed} FAILED (${statuses.join()})` : ''
  return `${round} ${operation} ×${connections} ${server}: ${figures}${disturbed}${failures}`
}

/** Measures all servers at the same fixed rate, where latencies may be compared. Leaves out servers that cannot reach that rate. */
async function runEqual(
  bench: Bench,
  measured: readonly Started[],
  { options, signIn, slots }: Rounds & { readonly slots: readonly Slot[] },
): Promise<readonly Slot[]> {
  const equal: Slot[] = []
  for (const operation of options.equal) {
    await signIn()
    const closed: Load = { operation, connections: EQUAL.connections, rate: null }
    const most = medianOf({ slots }, EQUAL.of, closed)?.perSecond ?? 0
    const rate = Math.round(most * EQUAL.share)
    const able = measured.filter((one) => (medianOf({ slots }, one.name, closed)?.perSecond ?? 0) > rate * 1.2)
    for (let round = 1; round <= options.rounds; round++) {
      equal.push(...(await runLoad(bench, able, { load: { ...closed, rate }, round })))
    }
  }
  return equal
}

/**
 * Compares the servers and prints the summary; publishes the results when the options say so.
 *
 * @throws Error when an answer is wrong; EnvironmentError when a server does not start.
 */
export async function compareWithPeers(options: Options): Promise<void> {
  const results = await withDatabase(options.size, { say, use: 'a copy' }, (database) => measure(database, options))
  say(summaryOf(results))
  if (options.publish) for (const file of await publish(results)) say(`wrote ${file}`)
}
