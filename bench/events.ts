/**
 * `npm run bench:events [seconds]`: what an event adds to a create, in turns (A B B A) over HTTP with 32 connections; with no process that
 * runs reactions, and with the same process running them. Then the time from the answer to a create until its reaction runs, at 500 creates
 * a second.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../test/support/command-line.ts'
import { migratedDatabase } from '../test/support/database.ts'
import { usageOf } from './base/processes.ts'
import { eventsModel } from './events/model.ts'
import { type Connection, openConnection, requestText } from './load/http-client.ts'
import { table } from './report/report.ts'

const CONNECTIONS = 32
/** Creates a second for the latency. */
const RATE = 500

interface Started {
  readonly child: ChildProcess
  readonly port: number
}

async function start(url: string, work: 'here' | 'elsewhere'): Promise<Started> {
  const port = await freePort()
  const child = fork(join(import.meta.dirname, 'events/server.ts'), [url, String(port), work], { execArgv: ['--conditions=source'] })
  await new Promise((resolve) => child.once('message', resolve))
  return { child, port }
}

function createText(path: string, likes: number): string {
  return requestText({ method: 'POST', path: `/api/${path}`, token: null, body: JSON.stringify({ title: 'Title', body: 'Body', likes }) })
}

/** Keeps connections busy for some time. Gives the number of creates. */
async function saturate(port: number, path: string, ms: number): Promise<number> {
  const text = createText(path, 0)
  const until = performance.now() + ms
  let sent = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const over = Promise.withResolvers<void>()
      const connection: Connection = await openConnection(
        port,
        {
          answered({ status }) {
            if (status !== 201) over.reject(new Error(`answered ${status}`))
            sent++
            if (performance.now() < until) connection.send(text)
            else over.resolve()
          },
          lost: () => over.reject(new Error('lost')),
        },
        { for: 'status' },
      )
      connection.send(text)
      await over.promise
      connection.close()
    }),
  )
  return sent
}

interface Told {
  readonly handled: readonly (readonly [likes: number, at: number])[]
  readonly count: number
}

/** What reactions have run since the last time, and how many in all. */
function tell(child: ChildProcess): Promise<Told> {
  return new Promise((resolve) => {
    child.once('message', (told: Told) => resolve(told))
    child.send('tell')
  })
}

/** Waits until all events of the saturation are delivered. Gives the number of reactions a second meanwhile. */
async function drain(child: ChildProcess): Promise<number> {
  const [{ count }, began] = [await tell(child), performance.now()]
  for (let last = count; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const now = (await tell(child)).count
    if (now === last) return (now - count) / ((performance.now() - began - 500) / 1_000)
    last = now
  }
}

interface Measured {
  readonly rate: number
  /** Microseconds of processor time for a create: of the server, and of PostgreSQL. */
  readonly server: number
  readonly postgres: number
}

async function measure({ child, port }: Started, postmaster: number, path: string, ms: number): Promise<Measured> {
  const cpu = (pid: number): number => usageOf(pid)?.cpu ?? 0
  const [server, postgres, began] = [cpu(child.pid ?? 0), cpu(postmaster), performance.now()]
  const sent = await saturate(port, path, ms)
  const each = 1e6 / sent
  return {
    rate: (sent * 1_000) / (performance.now() - began),
    server: (cpu(child.pid ?? 0) - server) * each,
    postgres: (cpu(postmaster) - postgres) * each,
  }
}

/** Creates at a fixed rate. Gives the milliseconds from each answer until its reaction ran, sorted. */
async function latencies({ child, port }: Started, seconds: number): Promise<readonly number[]> {
  const answered = new Map<number, number>()
  const free: { readonly connection: Connection; readonly of: { likes: number } }[] = []
  for (let i = 0; i < CONNECTIONS; i++) {
    const of = { likes: 0 }
    const connection: Connection = await openConnection(
      port,
      {
        answered() {
          answered.set(of.likes, performance.timeOrigin + performance.now())
          free.push({ connection, of })
        },
        lost: () => {},
      },
      { for: 'status' },
    )
    free.push({ connection, of })
  }
  const began = performance.now()
  for (let likes = 1; likes <= RATE * seconds; ) {
    const due = ((performance.now() - began) * RATE) / 1_000
    for (; likes <= due && likes <= RATE * seconds; likes++) {
      const one = free.pop()
      if (one === undefined) break
      one.of.likes = likes
      one.connection.send(createText('loggeds', likes))
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const { handled: found } = await tell(child)
  return found.flatMap(([likes, at]) => (answered.has(likes) ? [Math.max(0, at - (answered.get(likes) ?? 0))] : [])).sort((a, b) => a - b)
}

const seconds = Number(process.argv[2] ?? '4')
const database = await migratedDatabase(eventsModel(() => {}))
const client = new pg.Client({ connectionString: database.url })
await client.connect()
const { rows } = await client.query<{ readonly pid: number }>('select pg_backend_pid() as pid')
// The fourth value of stat is the parent: the postmaster.
const postmaster = Number(readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
const lines: (readonly string[])[] = []
for (const work of ['elsewhere', 'here'] as const) {
  const server = await start(database.url, work)
  const paths = ['plains', 'loggeds'] as const
  if (work === 'here') {
    await drain(server.child)
    await latencies(server, 1)
    const times = await latencies(server, seconds * 2)
    const at = (share: number): string => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(1)} ms`
    console.log(`answer to reaction at ${RATE}/s: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(0.9999)} of ${times.length}`)
  }
  for (const path of paths) await saturate(server.port, path, 1_000)
  const found = new Map<string, Measured[]>(paths.map((path) => [path, []]))
  for (const path of [...paths, ...paths.toReversed(), ...paths, ...paths.toReversed()])
    found.get(path)?.push(await measure(server, postmaster, path, seconds * 500))
  const mean = (path: string, part: keyof Measured): number => {
    const all = found.get(path) ?? []
    return all.reduce((sum, one) => sum + one[part], 0) / all.length
  }
  for (const path of paths)
    lines.push([
      work === 'here' ? 'in the same process' : 'nowhere',
      path === 'plains' ? 'without' : 'with an event',
      `${Math.round(mean(path, 'rate'))}/s`,
      `${Math.round((100 * mean(path, 'rate')) / mean('plains', 'rate'))} %`,
      `${Math.round(mean(path, 'server'))} µs`,
      `${Math.round(mean(path, 'postgres'))} µs`,
    ])
  if (work === 'here') console.log(`reactions after that: ${Math.round(await drain(server.child))}/s`)
  server.child.kill()
}
console.log(table(['reactions run', 'create', 'rate', 'of plain', 'Plinth', 'PostgreSQL'], lines))
await client.end()
await database.drop()
process.exit(0)
