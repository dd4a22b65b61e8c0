/**
 * Runs jobs on several worker processes and kills one of them again and again. `npm run figures:jobs` runs it at full size: 1,000 jobs on
 * three workers, kill -9 every 2 s, with the times of production.
 *
 * All times are those of PostgreSQL's clock. An orphan is a job that the killed process had leased, whether it ran or waited to run: a row
 * of `plinth.jobs` that still has the worker of the killed process 100 ms after the kill, when no transaction of the process can be under
 * way any more. Its restart is the first statement of its next run, and the time runs from the moment before the kill.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { migratedDatabase } from '../support/database.ts'
import { deskModel } from './desk.ts'

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
  /** Milliseconds after which the run ends, although jobs are left; null for never. */
  readonly withinMs: number | null
}

/** What was seen. */
export interface KillResult {
  /** Jobs whose entry exists, and entries: a job that was done twice has two. */
  readonly done: number
  readonly entries: number
  readonly waiting: number
  readonly dead: number
  readonly kills: number
  /** Jobs that a killed process had, and how many of them had not begun. */
  readonly orphans: number
  readonly orphansAhead: number
  /**
   * Milliseconds from the kill to the next run of an orphan, in ascending order. Those whose next worker was killed before it began them
   * are not among them, but in `restartsAgain`.
   */
  readonly restarts: readonly number[]
  readonly restartsAgain: readonly number[]
  readonly seconds: number
}

/** Transactions of a killed process have ended after this time. */
const SETTLED_MS = 100

/** Runs the jobs. */
export async function killWorkers(options: KillOptions): Promise<KillResult> {
  const database = await migratedDatabase(deskModel())
  const client = new pg.Client({ connectionString: database.url })
  const processes = new Set<ChildProcess>()
  await client.connect()
  try {
    await client.query(`create table runs (job bigint, attempt integer, pid integer, at timestamptz);
      create table orphans (job bigint, attempt integer, killed_at timestamptz)`)
    await Promise.all(Array.from({ length: options.workers }, () => startProcess(database.url, options, processes)))
    const began = performance.now()
    await client.query("insert into plinth.jobs (kind, payload) select 'custom', '{}' from generate_series(1, $1::int)", [options.jobs])
    const isLate = (): boolean => options.withinMs !== null && performance.now() - began > options.withinMs
    const starting = new Set<Promise<void>>()
    let kills = 0
    for (let tick = 1; !isLate() && (await client.query('select 1 from plinth.jobs limit 1')).rowCount !== 0; await pause(20)) {
      if (kills >= options.kills || performance.now() - began < tick * options.killEveryMs) continue
      // The clock alone says when a process is killed. One that is killed whenever it begins a job would never end the last ones.
      tick = Math.floor((performance.now() - began) / options.killEveryMs) + 1
      if (processes.size < 2) continue
      kills++
      await killProcess(client, await victimAmong(client, processes), processes)
      const started = startProcess(database.url, options, processes).finally(() => starting.delete(started))
      starting.add(started)
    }
    await Promise.all(starting)
    return { ...(await resultOf(client)), kills, seconds: Math.round((performance.now() - began) / 100) / 10 }
  } finally {
    for (const one of processes) one.kill('SIGKILL')
    await client.end()
    await database.drop()
  }
}

interface Victim {
  readonly process: ChildProcess
  /** The id under which it leases jobs; null if it runs none. */
  readonly worker: string | null
}

/** A process that runs a job at this moment; any other one when none does. */
async function victimAmong(client: pg.Client, processes: ReadonlySet<ChildProcess>): Promise<Victim> {
  const running = `select r.pid, j.worker from runs r join plinth.jobs j on j.id = r.job and j.attempt = r.attempt
    where j.worker is not null order by r.at desc`
  const [any] = processes
  if (any === undefined) throw new Error('no process runs')
  for (const { pid, worker } of (await client.query(running)).rows) {
    const process = [...processes].find((one) => one.pid === pid)
    if (process !== undefined) return { process, worker }
  }
  return { process: any, worker: null }
}

async function killProcess(client: pg.Client, { process, worker }: Victim, processes: Set<ChildProcess>): Promise<void> {
  const [{ at }] = (await client.query('select clock_timestamp()::text as at')).rows
  process.kill('SIGKILL')
  processes.delete(process)
  await pause(SETTLED_MS)
  if (worker !== null) await client.query('insert into orphans select id, attempt, $2 from plinth.jobs where worker = $1', [worker, at])
}

async function startProcess(url: string, { takesMs, times }: KillOptions, processes: Set<ChildProcess>): Promise<void> {
  const file = join(import.meta.dirname, 'worker-process.ts')
  const child = spawn(process.execPath, ['--conditions=source', file, url, String(takesMs), times], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('close', () => reject(new Error('a worker process ended')))
  })
  processes.add(child)
}

async function resultOf(client: pg.Client): Promise<Omit<KillResult, 'seconds' | 'kills'>> {
  const { rows: counts } = await client.query(`select count(distinct text)::int as done, count(*)::int as entries,
    (select count(*)::int from plinth.jobs) as waiting, (select count(*)::int from plinth.dead_jobs) as dead,
    (select count(*)::int from orphans) as orphans,
    (select count(*)::int from orphans o where not exists (select from runs r where r.job = o.job and r.attempt = o.attempt)) as "orphansAhead"
    from entries`)
  const { rows } = await client.query(`select extract(epoch from n.at - o.killed_at) * 1000 as ms, n.attempt > o.attempt + 1 as again
    from orphans o join lateral (select at, attempt from runs n where n.job = o.job and n.attempt > o.attempt order by n.attempt limit 1) n on true
    order by ms`)
  const after = (again: boolean) => rows.filter((one) => one.again === again).map(({ ms }) => Math.round(Number(ms)))
  return { ...counts[0], restarts: after(false), restartsAgain: after(true) }
}

/** The bound of a restart at the times of production: lease 10 s, and the looks for ended workers and for jobs. */
const MOST_MS = 15_000

if (import.meta.main) {
  const jobs = 1_000
  const options = { jobs, workers: 3, takesMs: 300, kills: 1_000, killEveryMs: 2_000, times: 'usual', withinMs: 300_000 } as const
  const { restarts, restartsAgain, ...rest } = await killWorkers(options)
  const share = (all: readonly number[]) => {
    const at = (part: number): number => all[Math.min(all.length - 1, Math.floor(all.length * part))] ?? 0
    return { count: all.length, p50: at(0.5), p99: at(0.99), most: all.at(-1) ?? 0 }
  }
  const most = restarts.at(-1) ?? 0
  const ok = rest.done === jobs && rest.entries === jobs && rest.waiting === 0 && rest.dead === 0 && most <= MOST_MS
  const figures = { ...rest, restartMs: share(restarts), restartOfThoseKilledAgainMs: share(restartsAgain), ok }
  process.stdout.write(
    `${jobs} jobs of 300 ms on 3 processes with 4 at a time, kill -9 of a busy one every 2 s; lease 10 s, renewed every 3 s.\n` +
      'An orphan is a job that a killed process had leased, begun or not; its restart is the time by the clock of PostgreSQL from just\n' +
      `before the kill to the first statement of its next run (asked: at most ${MOST_MS} ms).\n${JSON.stringify(figures, null, 2)}\n`,
  )
  if (!ok) process.exitCode = 1
}
