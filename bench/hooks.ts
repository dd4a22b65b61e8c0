/**
 * `node --conditions=source bench/hooks.ts [seconds]`: the processor time of writes with hooks beside the same writes without them. All are
 * measured in turns (A B C C B A), with one caller and with 16. The hooks do nothing, so this is what running a hook costs.
 */

import { readFileSync } from 'node:fs'
import pg from 'pg'
import { openBackend } from '../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../src/server/http/rate-limits.ts'
import { usageOf } from '../src/verify/performance/load/processes.ts'
import { asking, modelFrom } from '../test/support/backend.ts'
import { migratedDatabase } from '../test/support/database.ts'
import { table } from './report/report.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const FIELDS = { title: { type: 'text' }, body: { type: 'text' }, likes: { type: 'integer', default: 0 } }
const nothing = (): void => {}

const MODEL = modelFrom({
  name: 'hooks',
  entities: {
    Plain: { fields: FIELDS, access: OPEN },
    Before: { fields: FIELDS, access: OPEN, hooks: { beforeCreate: nothing, beforeUpdate: nothing } },
    Both: {
      fields: FIELDS,
      access: OPEN,
      hooks: { beforeCreate: nothing, afterCreate: nothing, beforeUpdate: nothing, afterUpdate: nothing },
    },
  },
})

const PATHS = { 'no hook': 'plains', 'one hook before': 'befores', 'a hook before and one after': 'boths' } as const
type Kind = keyof typeof PATHS

/** Microseconds of processor time for each request, of this process and of PostgreSQL. */
interface Cost {
  readonly own: number
  readonly postgres: number
}

type Send = (path: string, n: number) => Promise<{ readonly status: number }>

/** Each of the callers sends one request after the other. */
async function crowd(
  send: Send,
  { path, callers, ms }: { readonly path: string; readonly callers: number; readonly ms: number },
): Promise<number> {
  const until = performance.now() + ms
  let sent = 0
  const work = async (caller: number): Promise<void> => {
    while (performance.now() < until) {
      const { status } = await send(path, caller)
      if (status >= 300) throw new Error(`answered ${status}`)
      sent++
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)))
  return sent
}

async function costOf(
  send: Send,
  postmaster: number,
  of: { readonly path: string; readonly callers: number; readonly ms: number },
): Promise<Cost> {
  const own = process.cpuUsage()
  const postgres = usageOf(postmaster)?.cpu ?? 0
  const sent = await crowd(send, of)
  const used = process.cpuUsage(own)
  return { own: (used.user + used.system) / sent, postgres: (((usageOf(postmaster)?.cpu ?? 0) - postgres) * 1e6) / sent }
}

const seconds = Number(process.argv[2] ?? '2')
const database = await migratedDatabase(MODEL)
const client = new pg.Client({ connectionString: database.url })
await client.connect()
const { rows } = await client.query<{ readonly pid: number }>('select pg_backend_pid() as pid')
// The fourth value of stat is the parent: the postmaster.
const postmaster = Number(readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
const backend = await openBackend({
  model: MODEL,
  databaseUrl: database.url,
  keys: null,
  mode: 'production',
  publicUrl: 'http://localhost',
  observe: nothing,
  rateLimits: NO_RATE_LIMITS,
})
const ask = asking(backend)
const ids = new Map<string, readonly string[]>()
for (const path of Object.values(PATHS)) {
  const made = await ask('POST', `/api/${path}/bulk`, { body: Array.from({ length: 16 }, () => ({ title: 'a', body: 'b' })) })
  ids.set(
    path,
    made.json.map(({ id }: { readonly id: string }) => id),
  )
}
const SENDS: Readonly<Record<string, Send>> = {
  create: (path) => ask('POST', `/api/${path}`, { body: { title: 'Title', body: 'Body' } }),
  update: (path, caller) => ask('PATCH', `/api/${path}/${ids.get(path)?.[caller]}`, { body: { title: 'Other' } }),
}

const lines: (readonly string[])[] = []
for (const [operation, send] of Object.entries(SENDS))
  for (const callers of [1, 16]) {
    const kinds = Object.keys(PATHS) as Kind[]
    const costs = new Map<Kind, Cost[]>()
    for (const kind of [...kinds, ...kinds.toReversed()]) {
      await crowd(send, { path: PATHS[kind], callers, ms: 200 })
      costs.set(kind, [...(costs.get(kind) ?? []), await costOf(send, postmaster, { path: PATHS[kind], callers, ms: seconds * 500 })])
    }
    for (const kind of kinds) {
      const mean = (part: keyof Cost) => (costs.get(kind) ?? []).reduce((sum, cost) => sum + cost[part], 0) / 2
      lines.push([operation, String(callers), kind, `${Math.round(mean('own'))} µs`, `${Math.round(mean('postgres'))} µs`])
    }
  }
console.log(table(['operation', 'callers', 'hooks', 'Plinth', 'PostgreSQL'], lines))
await backend.close()
await client.end()
await database.drop()
process.exit(0)
