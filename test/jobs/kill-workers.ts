/**
 * Runs jobs on several worker processes and kills one of them again and again. `npm run figures:jobs` runs it at full size: 1,000 jobs on
 * three workers, kill -9 every 2 s, with the times of production.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { migratedDatabase } from '../support/database.ts'
import { deskModel, until } from './desk.ts'

/** What to run. */
export interface KillOptions {
  readonly jobs: number
  readonly workers: number
  /** Milliseconds that a job takes. */
  readonly takesMs: number
  /** How many processes are killed. */
  readonly kills: number
  readonly killEveryMs: number
  readonly times: 'short' | 'usual'
}

/** What was seen. */
export interface KillResult {
  /** Jobs whose entry exists, and entries: a job that was done twice has two. */
  readonly done: number
  readonly entries: number
  readonly waiting: number
  readonly dead: number
  /** Runs that a kill has cut off. */
  readonly orphans: number
  /** Milliseconds from the kill to the next run of the same job, in ascending order. */
  readonly restarts: readonly number[]
  readonly seconds: number
}

/** Runs the jobs. */
export async function killWorkers(options: KillOptions): Promise<KillResult> {
  const database = await migratedDatabase(deskModel())
  const client = new pg.Client({ connectionString: database.url })
  const processes = new Set<ChildProcess>()
  await client.connect()
  try {
    await client.query('create table runs (job bigint, attempt integer, pid integer, at timestamptz)')
    await client.query('create table kills (pid integer, at timestamptz)')
    for (let i = 0; i < options.workers; i++) await startProcess(database.url, options, processes)
    const began = performance.now()
    await client.query("insert into plinth.jobs (kind, payload) select 'custom', '{}' from generate_series(1, $1::int)", [options.jobs])
    const isDone = async (): Promise<boolean> => (await client.query('select 1 from plinth.jobs limit 1')).rowCount === 0
    for (let killed = 0; killed < options.kills && !(await isDone()); ) {
      const victim = await busyProcess(client, processes)
      if (victim === null) continue
      killed++
      processes.delete(victim)
      victim.kill('SIGKILL')
      await client.query('insert into kills values ($1, clock_timestamp())', [victim.pid])
      await startProcess(database.url, options, processes)
      await new Promise((resolve) => setTimeout(resolve, options.killEveryMs))
    }
    await until(async () => ((await client.query('select 1 from plinth.jobs limit 1')).rowCount === 0 ? true : null))
    return { ...(await resultOf(client)), seconds: (performance.now() - began) / 1_000 }
  } finally {
    for (const one of processes) one.kill('SIGKILL')
    await client.end()
    await database.drop()
  }
}

/** A process that runs a job at this moment; null when none does. */
async function busyProcess(client: pg.Client, processes: ReadonlySet<ChildProcess>): Promise<ChildProcess | null> {
  const running = `select r.pid from runs r join plinth.jobs j on j.id = r.job and j.attempt = r.attempt where j.worker is not null
    order by r.at desc`
  const { rows } = await client.query(running)
  const busy = rows.map(({ pid }) => [...processes].find((one) => one.pid === pid)).find((one) => one !== undefined)
  return busy ?? null
}

async function startProcess(url: string, { takesMs, times }: KillOptions, processes: Set<ChildProcess>): Promise<void> {
  const file = join(import.meta.dirname, 'worker-process.ts')
  const child = spawn(process.execPath, ['--conditions=source', file, url, String(takesMs), times], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  processes.add(child)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('close', () => reject(new Error('a worker process ended')))
  })
}

async function resultOf(client: pg.Client): Promise<Omit<KillResult, 'seconds'>> {
  const { rows: counts } = await client.query(`select count(distinct text)::int as done, count(*)::int as entries,
    (select count(*)::int from plinth.jobs) as waiting, (select count(*)::int from plinth.dead_jobs) as dead from entries`)
  const { rows: orphans } =
    await client.query(`select extract(epoch from n.at - k.at) * 1000 as ms from runs r join kills k on k.pid = r.pid
    join lateral (select at from runs n where n.job = r.job and n.attempt > r.attempt order by n.attempt limit 1) n on true
    where r.at <= k.at and n.at >= k.at order by ms`)
  const [count] = counts
  return { ...count, orphans: orphans.length, restarts: orphans.map(({ ms }) => Math.round(Number(ms))) }
}

if (import.meta.main) {
  const result = await killWorkers({ jobs: 1_000, workers: 3, takesMs: 300, kills: 1_000, killEveryMs: 2_000, times: 'usual' })
  const { restarts, ...rest } = result
  const at = (share: number): number => restarts[Math.min(restarts.length - 1, Math.floor(restarts.length * share))] ?? 0
  process.stdout.write(`${JSON.stringify({ ...rest, restartMs: { p50: at(0.5), p99: at(0.99), most: restarts.at(-1) ?? 0 } })}\n`)
  if (result.done !== 1_000 || result.entries !== 1_000 || (restarts.at(-1) ?? 0) > 15_000) process.exitCode = 1
}
