/**
 * Runs schedules on three processes over changes to and from summer time, and kills the process that runs with kill -9. `npm run
 * figures:schedules` runs it at full size: four time zones, both changes of 2026, a kill at every third time.
 *
 * The clock that moves is that by which PostgreSQL decides whether a time has come (`movable-clock.ts`). Expected times are counted
 * here minute by minute with `Intl`, without the library that the product uses. The clock moves to each of them; a time that the product
 * adds in between is made up for (`missed: all`) and seen as one too many.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { migratedDatabase } from '../support/database.ts'
import { until } from './desk.ts'
import { movableClock } from './movable-clock.ts'
import { type CronOf, clockModel } from './schedule-process.ts'

/** The days around one change of the clock, as `YYYY-MM-DDTHH:MMZ`. */
export interface Span {
  readonly from: string
  readonly to: string
}

/** What to run. */
export interface ClockOptions {
  readonly schedules: Readonly<Record<string, CronOf>>
  readonly spans: readonly Span[]
  /** Milliseconds that a run takes. */
  readonly takesMs: number
  /** At each of this many times the process that runs is killed. */
  readonly killEach: number
  readonly log?: (line: string) => void
}

/** What was seen. */
export interface ClockResult {
  readonly expected: number
  /** Times that were run, as `name time`, that are missing, were run more than once, or should not have been. */
  readonly missing: readonly string[]
  readonly twice: readonly string[]
  readonly wrong: readonly string[]
  readonly kills: number
  /** Runs that were cut off and ended in another process. */
  readonly restarted: number
}

const PROCESSES = 3
const MINUTE_MS = 60_000

/** Runs the schedules. */
export async function changeClocks(options: ClockOptions): Promise<ClockResult> {
  const { schedules, spans, killEach, log = () => {} } = options
  const database = await migratedDatabase(clockModel(schedules))
  const clock = await movableClock(database.url)
  const processes = new Map<number, ChildProcess>()
  const [expected, seen, restarted]: [string[], string[], string[]] = [[], [], []]
  let [kills, times] = [0, 0]
  try {
    await clock.query('create table runs (name text, due text, attempt integer, pid integer)')
    for (const span of spans) {
      // New processes, as if nothing had been planned before.
      await Promise.all([...processes.keys()].map((pid) => killProcess(pid, processes)))
      await clock.query('delete from plinth.schedule_times')
      await clock.move(span.from)
      await Promise.all(Array.from({ length: PROCESSES }, () => startProcess(database.url, options, processes)))
      const declared = () => clock.query('select 1 from plinth.schedule_times')
      await until(async () => ((await declared()).length === Object.keys(schedules).length ? true : null))
      for (const [at, names] of timesOf(schedules, span)) {
        await clock.move(new Date(at + 1_000).toISOString())
        const due = new Date(at).toISOString()
        expected.push(...names.map((name) => `${name} ${due}`))
        const begun = () => clock.query('select pid from runs where due = $1 order by name', [due])
        if (++times % killEach === 0) {
          const [run] = await until(async () => ((await begun()).length > 0 ? begun() : null))
          await killProcess(Number(run?.pid), processes)
          kills++
          await startProcess(database.url, options, processes)
        }
        await until(async () => ((await clock.query('select 1 from entries where due = $1', [due])).length >= names.length ? true : null))
      }
      await clock.move(span.to)
      const late = `select 1 from plinth.schedule_times, public.moved_clock where next_at <= clock_timestamp() + by`
      await until(async () => ((await clock.query(late)).length === 0 ? true : null))
      log(`${span.from} to ${span.to}: ${expected.length} runs, ${kills} kills`)
    }
    await until(async () => ((await clock.query('select 1 from plinth.jobs')).length === 0 ? true : null))
    for (const { name, due, attempt } of await clock.query('select name, due, attempt from entries')) {
      seen.push(`${name} ${due}`)
      if (Number(attempt) > 1) restarted.push(`${name} ${due}`)
    }
    return { expected: expected.length, kills, restarted: restarted.length, ...compared(expected, seen) }
  } finally {
    for (const one of processes.values()) one.kill('SIGKILL')
    await clock.close()
    await database.drop()
  }
}

function compared(expected: readonly string[], seen: readonly string[]): Pick<ClockResult, 'missing' | 'twice' | 'wrong'> {
  const [asked, ran] = [new Set(expected), new Set(seen)]
  return {
    missing: expected.filter((one) => !ran.has(one)),
    twice: seen.filter((one, i) => seen.indexOf(one) !== i),
    wrong: seen.filter((one) => !asked.has(one)),
  }
}

async function killProcess(pid: number, processes: Map<number, ChildProcess>): Promise<void> {
  const victim = processes.get(pid)
  if (victim === undefined) return
  processes.delete(pid)
  const ended = new Promise((resolve) => victim.once('exit', resolve))
  victim.kill('SIGKILL')
  await ended
}

async function startProcess(url: string, { takesMs, schedules }: ClockOptions, processes: Map<number, ChildProcess>): Promise<void> {
  const file = join(import.meta.dirname, 'schedule-process.ts')
  const child = spawn(process.execPath, ['--conditions=source', file, url, String(takesMs), JSON.stringify(schedules)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('close', () => reject(new Error('a process ended')))
  })
  processes.set(child.pid ?? 0, child)
}

/** The names of the schedules that are due, by the time in milliseconds since 1970, in its order. */
function timesOf(schedules: ClockOptions['schedules'], span: Span): ReadonlyMap<number, readonly string[]> {
  const all = Object.entries(schedules).flatMap(([name, cron]) => duesOf(cron, span).map((at) => ({ name, at })))
  const times = new Map<number, string[]>()
  for (const { name, at } of all.sort((a, b) => a.at - b.at)) times.set(at, [...(times.get(at) ?? []), name])
  return times
}

/** The times of an expression `minute hour * * *`: fixed ones, or a step of minutes and a range of hours. */
function duesOf([cron, timeZone]: CronOf, { from, to }: Span): readonly number[] {
  const [minute = '', hour = ''] = cron.split(' ')
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short', timeStyle: 'short', hour12: false })
  const local: { readonly at: number; readonly day: string; readonly minutes: number }[] = []
  for (let at = Date.parse(from) + MINUTE_MS; at <= Date.parse(to); at += MINUTE_MS) {
    const [day = '', time = ''] = parts.format(at).split(', ')
    const [hours = 0, minutes = 0] = time.split(':').map(Number)
    local.push({ at, day, minutes: (hours % 24) * 60 + minutes })
  }
  if (minute.startsWith('*/')) {
    const [first = 0, last = 23] = hour.split('-').map(Number)
    const holds = (minutes: number): boolean =>
      minutes % Number(minute.slice(2)) === 0 && minutes >= first * 60 && minutes < (last + 1) * 60
    return local.filter(({ minutes }) => holds(minutes)).map(({ at }) => at)
  }
  const wanted = Number(hour) * 60 + Number(minute)
  // The first minute of the day at which that time has come: after a change, when it was skipped.
  return [...new Set(local.map(({ day }) => day))].flatMap((day) => {
    const own = local.filter((one) => one.day === day)
    const found = own.find(({ minutes }) => minutes >= wanted)
    const isPast = own[0] === local[0] && (own[0]?.minutes ?? 0) > wanted
    return found === undefined || isPast ? [] : [found.at]
  })
}

/** The changes of 2026: Berlin and New York by an hour at night, Lord Howe by half an hour, Santiago at midnight. */
const FULL: readonly (readonly [zone: string, changes: readonly string[]])[] = [
  ['Europe/Berlin', ['2026-03-29', '2026-10-25']],
  ['America/New_York', ['2026-03-08', '2026-11-01']],
  ['Australia/Lord_Howe', ['2026-04-05', '2026-10-04']],
  ['America/Santiago', ['2026-04-05', '2026-09-06']],
]

if (import.meta.main) {
  const results: ClockResult[] = []
  for (const [zone, changes] of FULL) {
    const crons = { night: '30 2 * * *', quarter: '15 2 * * *', midnight: '0 0 * * *', morning: '0 3 * * *', often: '*/30 0-5 * * *' }
    const schedules = Object.fromEntries(Object.entries(crons).map(([name, cron]) => [name, [cron, zone] as const]))
    const around = (day: string, days: number): string => new Date(Date.parse(day) + days * 86_400_000).toISOString()
    const spans = changes.map((day) => ({ from: around(day, -1.5), to: around(day, 2) }))
    const log = (line: string): boolean => process.stdout.write(`${zone}: ${line}\n`)
    results.push(await changeClocks({ schedules, spans, takesMs: 150, killEach: 3, log }))
  }
  const sum = (of: (one: ClockResult) => number): number => results.reduce((total, one) => total + of(one), 0)
  const figures = {
    expected: sum(({ expected }) => expected),
    kills: sum(({ kills }) => kills),
    restarted: sum(({ restarted }) => restarted),
    missing: results.flatMap(({ missing }) => missing),
    twice: results.flatMap(({ twice }) => twice),
    wrong: results.flatMap(({ wrong }) => wrong),
  }
  const ok = figures.missing.length + figures.twice.length + figures.wrong.length === 0
  process.stdout.write(`${JSON.stringify({ ...figures, ok }, null, 2)}\n`)
  if (!ok) process.exitCode = 1
}
