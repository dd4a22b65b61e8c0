/**
 * `npm run bench:growth` measures the same operations from a thousand to ten million rows. With `--publish` it writes the figures and the
 * page.
 */

import { usageOf } from '../src/verify/performance/load/processes.ts'
import { positive, runBench, wholes } from './base/command-line.ts'
import { sizeOf } from './database/data.ts'
import { type Database, withDatabase } from './database/database.ts'
import { type Loader, withLoader } from './load/loader.ts'
import { describeCommit, describeMachine, type Machine } from './measure/results.ts'
import { linePlot, type Series } from './report/plot.ts'
import { keep, writePart, writePlot } from './report/publish.ts'
import { count, machineLine, table } from './report/report.ts'
import { ask } from './requests/ask.ts'
import type { Operation } from './requests/operations.ts'
import type { Request } from './requests/request.ts'
import { openSamples, readRows } from './servers/sample.ts'
import { SERVERS } from './servers/servers.ts'
import { type Started, withServers } from './servers/start.ts'
import { surroundingsOf } from './servers/surroundings.ts'

const WORK = ['get', 'list', 'first page', 'thousandth page', 'create'] as const
type Work = (typeof WORK)[number]

interface Growth {
  readonly rows: number
  readonly work: Work
  /** Milliseconds at one connection. */
  readonly p50: number
  readonly p99: number
  /** Requests a second at 32. */
  readonly perSecond: number
  /** Microseconds of PostgreSQL's processor time a request, at one connection. */
  readonly postgresCpu: number | null
}

interface Curve {
  readonly date: string
  readonly commit: string
  readonly machine: Machine
  readonly points: readonly Growth[]
}

const PAGE = '/api/posts?filter[published]=true&sort=id&page[size]=10'
const PAGES = 1000

interface Measuring {
  readonly database: Database
  readonly loader: Loader
  readonly server: Started
  readonly rows: number
  readonly seconds: number
}

async function measureSize(posts: number, seconds: number): Promise<readonly Growth[]> {
  return withDatabase(sizeOf(posts), { say: console.log, use: 'in place' }, async (database) => {
    const surroundings = surroundingsOf(database.url)
    const rows = await readRows(database)
    const [begun] = await database.query('select now() as at')
    try {
      return await withServers([['plinth', SERVERS.plinth]], surroundings, ([server]) =>
        withLoader(async (loader) => {
          if (server === undefined) throw new Error('nothing was started')
          const samples = await openSamples(rows, { port: server.port, secret: surroundings.secret })
          loader.use(samples)
          const token = samples.EdDSA.callers[0]?.token ?? null
          const measuring: Measuring = { database, loader, server, rows: posts, seconds }
          return await measureAll(measuring, await pagesOf(server, token))
        }),
      )
    } finally {
      await database.query('delete from posts where created_at > $1', [begun?.at])
      await database.query('delete from plinth.sessions')
      await database.query('vacuum posts')
    }
  })
}

async function measureAll(
  measuring: Measuring,
  pages: Readonly<Record<'first page' | 'thousandth page', Request>>,
): Promise<readonly Growth[]> {
  const points: Growth[] = []
  for (const work of WORK) {
    const point =
      work === 'first page' || work === 'thousandth page' ? await measure(measuring, work, pages[work]) : await measure(measuring, work)
    console.log(`${count(point.rows)} rows, ${work}: p50 ${point.p50.toFixed(2)} ms, ${Math.round(point.perSecond)}/s at 32 connections`)
    points.push(point)
  }
  return points
}

async function measure({ database, loader, server, rows, seconds }: Measuring, work: Work, page?: Request): Promise<Growth> {
  const operation: Operation = work === 'get' || work === 'create' ? work : 'list'
  const job = {
    port: server.port,
    sample: 'EdDSA',
    dialect: 'rest',
    operation,
    rate: null,
    ...(page === undefined ? {} : { fixed: [page] }),
  } as const
  await loader.run({ ...job, connections: 1, seconds: seconds / 2, seed: 1 })
  await database.admin('checkpoint')
  const before = usageOf(database.pid)
  const alone = await loader.run({ ...job, connections: 1, seconds, seed: 2 })
  const after = usageOf(database.pid)
  const crowd = await loader.run({ ...job, connections: 32, seconds, seed: 3 })
  const failed = alone.failed + crowd.failed
  if (failed > 0) throw new Error(`${failed} requests failed: ${work} at ${rows} rows`)
  const postgresCpu = before === null || after === null ? null : ((after.cpu - before.cpu) * 1e6) / alone.requests
  return { rows, work, p50: alone.p50, p99: alone.p99, perSecond: crowd.requests / crowd.seconds, postgresCpu }
}

/** Requests for the first page and for the thousandth, or for the last page when there are fewer; found by following `page.next`. */
async function pagesOf(server: Started, token: string | null): Promise<Readonly<Record<'first page' | 'thousandth page', Request>>> {
  const first: Request = { method: 'GET', path: PAGE, token, body: null }
  let last = first
  for (let page = 2; page <= PAGES; page++) {
    const { status, json } = await ask(server.port, last)
    if (status !== 200) throw new Error(`page ${page - 1}: ${status}`)
    if (json.page.next === null) break
    last = { ...first, path: `${PAGE}&page[after]=${json.page.next}` }
  }
  return { 'first page': first, 'thousandth page': last }
}

function report({ date, commit, machine, points }: Curve): string {
  const sizes = [...new Set(points.map((p) => p.rows))]
  const cell = (work: Work, rows: number): string => {
    const point = points.find((p) => p.work === work && p.rows === rows)
    if (point === undefined) return ''
    const cpu = point.postgresCpu === null ? '' : `, ${Math.round(point.postgresCpu)} µs`
    return `${point.p50.toFixed(2)} / ${point.p99.toFixed(2)} ms${cpu}, ${count(point.perSecond)}/s`
  }
  return [
    `Measured on ${date.slice(0, 10)} at commit \`${commit}\`: ${machineLine(machine)}`,
    [
      'Rows in `posts`; latency at one connection (median / 99th percentile), processor time of PostgreSQL for a request there, and',
      'requests a second at 32. The pages are of ten published posts in the order of their ids, the thousandth reached by its cursor',
      '(of a thousand rows, the last there is).',
    ].join(' '),
    '![Latency by number of rows](performance-growth.svg)',
    table(
      ['', ...sizes.map((rows) => `${count(rows)} rows`)],
      WORK.map((work) => [work, ...sizes.map((rows) => cell(work, rows))]),
    ),
  ].join('\n\n')
}

function plotOf(points: readonly Growth[]): string {
  const series: readonly Series[] = WORK.map((work) => ({
    label: work,
    points: points.filter((p) => p.work === work).map((p) => ({ x: p.rows, y: p.p50 })),
  }))
  return linePlot(series, { x: count, y: 'rows in posts; median latency at one connection, in milliseconds' })
}

interface Wish {
  readonly sizes: readonly number[]
  readonly seconds: number
  readonly publish: boolean
}

async function run({ sizes, seconds, publish }: Wish): Promise<void> {
  const points: Growth[] = []
  for (const size of sizes) points.push(...(await measureSize(size, seconds)))
  const machine = await withDatabase(sizeOf(sizes[0] ?? 1000), { say: console.log, use: 'in place' }, describeMachine)
  const curve: Curve = { date: new Date().toISOString(), commit: describeCommit(), machine, points }
  console.log(report(curve))
  if (!publish) return
  console.log(`wrote ${await keep(`growth-${curve.date.slice(0, 10)}.json`, curve)}`)
  console.log(`wrote ${await writePlot('performance-growth.svg', plotOf(points))}`)
  console.log(`wrote ${await writePart('growth', report(curve))}`)
}

const HELP = `What the same operations cost from a thousand to ten million rows.

  --rows a,b     sizes of the largest table (1000,100000,10000000); each is loaded once and kept
  --seconds n    of a measurement (3)
  --publish      write results/growth-<date>.json, its part of docs/performance.md and its plot

Examples:
  npm run bench:growth
      all three sizes; the largest takes 25 GB of disk and its time to load
  npm run bench:growth -- --rows 1000,100000 --seconds 1
      two sizes and short measurements
  npm run bench:growth -- --publish
      all three, and the page is written anew`

await runBench({
  name: 'npm run bench:growth',
  help: HELP,
  options: { publish: { type: 'boolean' }, rows: { type: 'string' }, seconds: { type: 'string' } },
  read: (values): Wish => ({
    sizes: wholes('rows', values.rows ?? '1000,100000,10000000'),
    seconds: positive('seconds', values.seconds, 3),
    publish: values.publish === true,
  }),
  run,
})
