/** `npm run bench:events`: what an event adds to a create, how soon it is handled, and how many are, beside pg-boss and Graphile Worker. */

import { ratioOf } from './against/statistics.ts'
import { namesOf, positive, runBench, whole } from './base/command-line.ts'
import { QUICK } from './database/data.ts'
import { type Database, withDatabase } from './database/database.ts'
import { NAMES, type Name, serverOf, TITLES, type Work } from './events/contestants.ts'
import { lagAt } from './events/lag.ts'
import { withLoader } from './load/loader.ts'
import { median } from './measure/results.ts'
import { table } from './report/report.ts'
import { measureRounds, type RoundSlot } from './rounds/rounds.ts'
import { type Started, withServers } from './servers/start.ts'
import { surroundingsOf } from './servers/surroundings.ts'

const PARTS = { cost: costs, lag: lags, rate: rates } as const
type Part = keyof typeof PARTS

interface Wish {
  readonly parts: readonly Part[]
  readonly names: readonly Name[]
  readonly rounds: number
  readonly seconds: number
  readonly rate: number
}

async function measure(wish: Wish): Promise<void> {
  await withDatabase(QUICK, { say: console.log, use: 'in place' }, async (database) => {
    for (const part of wish.parts) console.log(`\n${await PARTS[part](wish, database)}`)
  })
}

/** Lends servers of which each has a database of its own. */
async function withContestants<T>(
  database: Database,
  { names, work }: { readonly names: readonly Name[]; readonly work: Work },
  use: (started: readonly Started<Name>[]) => Promise<T>,
): Promise<T> {
  const servers: (readonly [Name, Awaited<ReturnType<typeof serverOf>>])[] = []
  for (const name of names) servers.push([name, await serverOf(name, work, database)])
  return withServers(servers, surroundingsOf(database.url), use)
}

type Kind = `${Name} ${'plains' | 'loggeds'}`

/** Creates without and with an event, in turns, while nobody handles events. */
async function costs({ names, rounds, seconds }: Wish, database: Database): Promise<string> {
  const kinds = names.flatMap((name): Kind[] => [`${name} plains`, `${name} loggeds`])
  const slots = await withContestants(database, { names, work: 'off' }, (started) =>
    withLoader((loader) => {
      const servers = kinds.map((kind) => ({ ...startedOf(started, kind.split(' ')[0] as Name), name: kind }))
      const body = JSON.stringify({ title: 'Title', body: 'Body', likes: 0 })
      const requests = (kind: Kind) => [{ method: 'POST' as const, path: `/api/${kind.split(' ')[1]}`, token: null, body }]
      const jobs = [{ title: 'create', status: 201 as const, requests }]
      return measureRounds<Kind>({ loader, postgresPid: database.pid, servers, jobs, rounds, seconds, connections: 32 })
    }),
  )
  if (slots.some(({ failed }) => failed > 0)) process.exitCode = 1
  const head = ['create', 'a second', 'with an event', 'of without', 'server µs', 'PostgreSQL µs', 'added by the event']
  return table(
    head,
    names.map((name) => costLine(name, slots)),
  )
}

function costLine(name: Name, slots: readonly RoundSlot<Kind>[]): readonly string[] {
  const of = (kind: Kind): readonly RoundSlot<Kind>[] => slots.filter((slot) => slot.name === kind)
  const [without, having] = [of(`${name} plains`), of(`${name} loggeds`)]
  const middle = (some: typeof slots): number => median(some.map(({ perSecond }) => perSecond))
  /** Of all requests together: the time of one short slot is counted in ticks of 10 ms. */
  const each = (some: typeof slots, key: 'serverCpu' | 'postgresCpu'): number =>
    some.reduce((sum, slot) => sum + slot[key] * slot.perSecond, 0) / some.reduce((sum, { perSecond }) => sum + perSecond, 0)
  const ratio = ratioOf(having.map(({ perSecond }, i) => ({ this: perSecond, other: without[i]?.perSecond ?? 1 })))
  const percent = (value: number): string => `${Math.round(100 * value)} %`
  const cpu = (some: typeof slots): number => each(some, 'serverCpu') + each(some, 'postgresCpu')
  const pair = (key: 'serverCpu' | 'postgresCpu'): string => `${Math.round(each(without, key))} → ${Math.round(each(having, key))}`
  return [
    TITLES[name],
    String(Math.round(middle(without))),
    String(Math.round(middle(having))),
    ratio === null ? '' : `${percent(ratio.ratio)} (${percent(ratio.low)} to ${percent(ratio.high)})`,
    pair('serverCpu'),
    pair('postgresCpu'),
    `${Math.round(cpu(having) - cpu(without))} µs`,
  ]
}

/** From the answer to a create until its event is handled, at a fixed rate. Each server is measured twice: A B C C B A. */
async function lags({ names, seconds, rate }: Wish, database: Database): Promise<string> {
  return withContestants(database, { names, work: 'here' }, async (started) => {
    const found = new Map<Name, Awaited<ReturnType<typeof lagAt>>[]>(names.map((name) => [name, []]))
    for (const { port } of started) await lagAt(port, rate, 1)
    for (const name of [...names, ...names.toReversed()])
      found.get(name)?.push(await lagAt(startedOf(started, name).port, rate, seconds * 4))
    const rows = names.map((name) => {
      const both = found.get(name) ?? []
      const each = (key: 'p50' | 'p99'): string => both.map((one) => one[key].toFixed(1)).join(', ')
      return [TITLES[name], each('p50'), each('p99'), String(both.reduce((sum, { unhandled }) => sum + unhandled, 0))]
    })
    return table([`at ${rate} creates a second`, 'p50 ms', 'p99 ms', 'not handled'], rows)
  })
}

/** Creates a second at which the search begins, and the factor from one to the next. */
const FIRST_RATE = 500
const STEP = 1.25
/** A rate holds if the events of its last tenth are handled within so many milliseconds (median), and 98 % of the creates are answered. */
const BOUND_MS = 500

/** The highest rate that holds, with the worker in the server. */
async function rates({ names, seconds }: Wish, database: Database): Promise<string> {
  return withContestants(database, { names, work: 'here' }, async (started) => {
    const rows: (readonly string[])[] = []
    for (const name of names) {
      const { port } = startedOf(started, name)
      let held: Awaited<ReturnType<typeof lagAt>> | null = null
      for (let rate = FIRST_RATE; ; rate *= STEP) {
        const lag = await lagAt(port, rate, seconds * 3)
        if (lag.unhandled > 0 || lag.rate < rate * 0.98 || !(lag.last < BOUND_MS)) break
        held = lag
      }
      rows.push([
        TITLES[name],
        ...(held === null ? ['', '', ''] : [String(Math.round(held.rate)), held.p50.toFixed(1), held.p99.toFixed(1)]),
      ])
    }
    return table(['rate that holds', 'creates and events a second', 'p50 ms', 'p99 ms'], rows)
  })
}

function startedOf(started: readonly Started<Name>[], name: Name): Started<Name> {
  const found = started.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} was not started`)
  return found
}

const HELP = `What an event adds to a create, how soon it is handled, and how many are: Plinth, beside servers by hand (Fastify + pg) that
add a job of pg-boss or Graphile Worker in the transaction of the create. Each server has a database of its own on one durable PostgreSQL.

Usage: npm run bench:events -- [options]

  --parts LIST    of ${Object.keys(PARTS).join(', ')} (all)
  --only LIST     of ${NAMES.join(', ')} (all)
  --rounds N      rounds of the part cost (8)
  --seconds N     seconds of a server in a round (1); lag takes eight times as long for each server, rate three times for each step
  --rate N        creates a second of the part lag (500)`

await runBench({
  name: 'npm run bench:events',
  help: HELP,
  options: {
    parts: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string' },
  },
  read: ({ parts, only, rounds, seconds, rate }): Wish => ({
    parts: parts === undefined ? (Object.keys(PARTS) as Part[]) : namesOf('parts', parts, PARTS),
    names: only === undefined ? NAMES : namesOf('only', only, TITLES),
    rounds: whole('rounds', rounds, { usual: 8, least: 2 }),
    seconds: positive('seconds', seconds, 1),
    rate: positive('rate', rate, 500),
  }),
  run: measure,
})
