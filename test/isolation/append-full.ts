/**
 * The isolation test at its full size: ten minutes, 20 clients on two processes, one of which is killed with SIGKILL every 30 s.
 * `RUN_SECONDS` makes it shorter. Half of the clients are at Read Committed, half are serializable.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startVictim, type Victim } from '../crash/victim.ts'
import { newPem } from '../identity/instances.ts'
import { freePort } from '../support/command-line.ts'
import { migratedDatabase } from '../support/database.ts'
import { RUN_SEED, randomFrom } from '../support/random.ts'
import { appendModel } from './append-design.ts'
import { Appending, registerName, type Send } from './append-run.ts'
import { type Anomaly, checkHistory } from './check-history.ts'

const SECONDS = Number(process.env.RUN_SECONDS ?? 600)
const CLIENTS = 20
const KILL_EVERY_MS = Math.min(30_000, (SECONDS * 1_000) / 4)
const LISTS = 40_000
const LEVELS = ['Rc', 'Ser'] as const

const database = await migratedDatabase(appendModel())
const client = new pg.Client({ connectionString: database.url })
await client.connect()
for (const level of LEVELS)
  await client.query('insert into registers (name) select $1 || i from generate_series(0, $2::int) i', [
    registerName(level, 0).slice(0, -1),
    LISTS,
  ])
await client.query('analyze registers')

const keys = newPem()
const places: { victim: Victim; port: number }[] = []
const startAt = async (place: number): Promise<void> => {
  const [victim, port] = [await startVictim('no points'), await freePort()]
  await victim.open({ design: 'append', databaseUrl: database.url, port, smtpUrl: 'smtp://127.0.0.1:1', keys })
  places[place] = { victim, port }
}
await Promise.all([0, 1].map(startAt))

const sendTo =
  (place: number): Send =>
  async (method, path, body) => {
    const init = { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) }
    try {
      const response = await fetch(`http://127.0.0.1:${places[place]?.port}${path}`, init)
      return { status: response.status, text: await response.text() }
    } catch {
      // A client of a process that was killed waits a little.
      await sleep(50)
      return null
    }
  }

const end = performance.now() + SECONDS * 1_000
const isOver = (): boolean => performance.now() > end
const counter = { value: 0 }
const runs = LEVELS.map((level) => ({ level, appending: new Appending(level, { counter, lists: LISTS }) }))
const clients = runs.flatMap(({ appending }, l) =>
  Array.from({ length: CLIENTS / 2 }, (_, i) => appending.client(sendTo(i % 2), randomFrom(RUN_SEED + l * CLIENTS + i), isOver)),
)
let kills = 0
const killing = (async () => {
  for (;;) {
    await sleep(KILL_EVERY_MS)
    if (isOver()) return
    const place = kills++ % 2
    places[place]?.victim.child.kill('SIGKILL')
    await startAt(place)
  }
})()
await Promise.all([...clients, killing])
for (const { appending } of runs) await appending.readAll(sendTo(0))

const ALLOWED = { Rc: ['G2'], Ser: [] } as const satisfies Record<string, readonly Anomaly['kind'][]>
console.log(JSON.stringify({ seconds: SECONDS, clients: CLIENTS, kills, seed: RUN_SEED }))
for (const { level, appending } of runs) {
  const found = checkHistory(appending.history, true)
  const wrong = found.filter(({ kind }) => !(ALLOWED[level] as readonly string[]).includes(kind))
  const counted = (list: readonly { readonly kind: string }[]) =>
    Object.fromEntries([...Map.groupBy(list, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]))
  const outcomes = counted(appending.history.map(({ outcome }) => ({ kind: outcome })))
  console.log(JSON.stringify({ level, ...outcomes, conflicts: appending.conflicts, anomalies: counted(found), wrong: wrong.length }))
  for (const one of wrong.slice(0, 20)) console.log(`${one.kind} ${one.note}`)
  if (wrong.length > 0) process.exitCode = 1
}
for (const { victim } of places) victim.child.kill('SIGKILL')
await client.end()
await database.drop()
process.exit()
