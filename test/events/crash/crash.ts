/** Writers, instances that are killed, and the comparison of what was delivered with what was written. */

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../../support/command-line.ts'
import { migratedDatabase } from '../../support/database.ts'
import { until } from '../events-world.ts'
import { crashModel } from './crash-design.ts'

/** The size of a crash test. */
export interface CrashSize {
  readonly writes: number
  /** At least so many; the writes are spread over them. */
  readonly kills: number
  readonly writers: number
  readonly instances: number
  /** Milliseconds between two kills: at least, and at most. */
  readonly killEvery: readonly [number, number]
  readonly leaseMs: number
}

/** What was found. All numbers but the first four are to be 0. */
export interface CrashOutcome {
  readonly written: number
  readonly kills: number
  readonly deliveries: number
  readonly duplicates: number
  readonly lost: number
  readonly phantom: number
  /** Deliveries of one change with different ids. */
  readonly otherIds: number
  /** Rows that got a later change before an earlier one. */
  readonly disorder: number
  readonly seconds: number
}

interface Instance {
  readonly port: number
  readonly child: ChildProcess
}

/** Runs a crash test on a database of its own. */
export async function crash(size: CrashSize, random: () => number = Math.random): Promise<CrashOutcome> {
  const database = await migratedDatabase(crashModel())
  const instances: Instance[] = []
  const began = performance.now()
  try {
    const start = async (): Promise<Instance> => startInstance(database.url, await freePort(), size.leaseMs)
    for (let i = 0; i < size.instances; i++) instances.push(await start())
    const writing = { isDone: false, kills: 0 }
    const killing = killAgainAndAgain(size, { instances, start, writing, random })
    const share = Math.ceil(size.writes / size.writers)
    const pauseMs = (size.kills * (size.killEvery[0] + size.killEvery[1])) / 2 / share
    // Writing goes no faster than killing, however long an instance takes to start.
    const most = (): number => Math.min(share, (share * (writing.kills + 1)) / size.kills)
    await Promise.all(Array.from({ length: size.writers }, (_, seed) => write(instances, { seed, pauseMs, share, most })))
    writing.isDone = true
    const kills = await killing
    await settled(database.url)
    const found = await compare(database.url)
    return { ...found, kills, seconds: Math.round((performance.now() - began) / 100) / 10 }
  } finally {
    for (const { child } of instances) child.kill('SIGKILL')
    await database.drop()
  }
}

function startInstance(url: string, port: number, leaseMs: number): Promise<Instance> {
  const child = fork(join(import.meta.dirname, 'instance.ts'), [url, String(port), String(leaseMs)], { execArgv: ['--conditions=source'] })
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve({ port, child }))
    child.once('exit', (code) => reject(new Error(`the instance ended with ${code}`)))
  })
}

interface Killing {
  readonly instances: Instance[]
  readonly start: () => Promise<Instance>
  readonly writing: { readonly isDone: boolean; kills: number }
  readonly random: () => number
}

async function killAgainAndAgain(
  { kills, killEvery: [least, most] }: CrashSize,
  { instances, start, writing, random }: Killing,
): Promise<number> {
  for (;;) {
    await sleep(least + random() * (most - least))
    if (writing.isDone && writing.kills >= kills) return writing.kills
    const place = Math.floor(random() * instances.length)
    instances[place]?.child.kill('SIGKILL')
    writing.kills++
    // A machine that is busy starts instances slowly. Without this pause, all of them would be down most of the time.
    instances[place] = await start()
  }
}

interface Writing {
  readonly seed: number
  /** Milliseconds between two writes. */
  readonly pauseMs: number
  readonly share: number
  /** The most writes at this moment. */
  readonly most: () => number
}

/** Creates rows and changes each of them some times. A request to an instance that is killed may have written or not, and is repeated. */
async function write(instances: readonly Instance[], { seed, pauseMs, share, most }: Writing): Promise<void> {
  let id: string | null = null
  const began = performance.now()
  for (let i = 0, tries = seed; i < share; tries++) {
    const early = began + i * pauseMs - performance.now()
    if (early > 0) await sleep(early)
    while (i >= most()) await sleep(20)
    const instance = instances[tries % instances.length]
    if (i % 8 === 0) id = null
    const url = `http://127.0.0.1:${instance?.port}/api/things${id === null ? '' : `/${id}`}`
    const body = JSON.stringify({ n: i })
    const headers = { 'content-type': 'application/json' }
    try {
      const answer = await fetch(url, { method: id === null ? 'POST' : 'PATCH', headers, body })
      const row = (await answer.json()) as { readonly id?: string }
      id ??= row.id ?? null
      i++
    } catch {
      await sleep(20)
    }
  }
}

/** Waits until every change was delivered, and nothing waits any more. */
async function settled(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const look = async (): Promise<string> => {
      const { rows } = await client.query<{ left: string }>(`
        select (select coalesce(sum(version), 0) from things) - (select count(*) from (select distinct thing, "of" from deliveries) d) as left`)
      return rows[0]?.left ?? ''
    }
    for (let last = await look(); last !== '0'; ) {
      const before = last
      last = await until('further deliveries', async () => {
        const now = await look()
        return now === before ? null : now
      }).catch(() => '0')
    }
  } finally {
    await client.end()
  }
}

const FOUND = `
with expected as (select t.id::text as thing, v as version from things t, generate_series(1, t.version) v),
first as (select thing, "of" as version, min(created_at) as at, count(*) as times, count(distinct event) as ids from deliveries group by 1, 2)
select (select count(*) from expected)::int as written, (select count(*) from deliveries)::int as deliveries,
  (select coalesce(sum(times - 1), 0) from first)::int as duplicates,
  (select count(*) from expected e where not exists (select from first f where f.thing = e.thing and f.version = e.version))::int as lost,
  (select count(*) from first f where not exists (select from expected e where f.thing = e.thing and f.version = e.version))::int as phantom,
  (select count(*) from first where ids > 1)::int as "otherIds",
  (select count(*) from first a join first b on a.thing = b.thing and a.version < b.version and a.at > b.at)::int as disorder`

async function compare(url: string): Promise<Omit<CrashOutcome, 'kills' | 'seconds'>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Omit<CrashOutcome, 'kills' | 'seconds'>>(FOUND)
    return rows[0] as Omit<CrashOutcome, 'kills' | 'seconds'>
  } finally {
    await client.end()
  }
}
