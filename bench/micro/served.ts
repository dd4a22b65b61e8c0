/** Measures a design that is served as in production: the time to its first answer, and its memory. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usageOf } from '../../src/verify/performance/load/processes.ts'
import { ROOT, WORK } from '../base/folders.ts'
import type { Database } from '../database/database.ts'
import { migrateTo } from '../database/database.ts'
import { ask } from '../requests/ask.ts'
import { plinth } from '../servers/servers.ts'
import { type Surroundings, withServers } from '../servers/start.ts'
import { designOf } from './design.ts'

/** What serving a design took. */
export interface Served {
  readonly entities: number
  /** Milliseconds of `plinth migrate` on an empty database. */
  readonly migrateMs: number
  /** Milliseconds from the start of the process to its first answer, on a database that is up to date. */
  readonly startMs: number
  /** Bytes (RSS) after the first answer, and after one read, list, create and update of each entity. */
  readonly idleMemory: number | null
  readonly usedMemory: number | null
}

/** Serves a design of so many entities on an empty database. @throws Error when an answer has an unexpected status. */
export async function serveDesign(
  entities: number,
  { database, surroundings }: { readonly database: Database; readonly surroundings: Surroundings },
): Promise<Served> {
  const folder = join(WORK, 'designs')
  await mkdir(folder, { recursive: true })
  const design = join(folder, `entities-${entities}.json`)
  await writeFile(design, JSON.stringify(designOf(entities)))
  const url = await database.empty('bench_served')
  const begun = performance.now()
  await migrateTo({ root: ROOT, design }, url)
  const migrateMs = performance.now() - begun
  const server = plinth(`${entities} entities`, { root: ROOT, design }, {})
  return withServers([['served', server]], { ...surroundings, databaseUrl: url }, async ([served]) => {
    if (served === undefined) throw new Error('nothing was started')
    const idle = usageOf(served.pid)
    await useAll(served.port, entities)
    const used = usageOf(served.pid)
    return { entities, migrateMs, startMs: served.startMs, idleMemory: idle?.resident ?? null, usedMemory: used?.resident ?? null }
  })
}

async function useAll(port: number, entities: number): Promise<void> {
  const user = { name: 'Ann', email: 'ann@example.com', password: 'Correct-horse-7' }
  const { status, json } = await ask(port, { method: 'POST', path: '/api/auth/register', token: null, body: JSON.stringify(user) })
  if (status !== 201) throw new Error(`cannot register: ${JSON.stringify(json)}`)
  const { token } = json
  for (let i = 1; i < entities; i++) {
    const path = `/api/thing${i}s`
    const created = await ask(port, { method: 'POST', path, token, body: JSON.stringify({ title: 'a', amount: '1.00' }) })
    const read = await ask(port, { method: 'GET', path: `${path}/${created.json?.id}`, token, body: null })
    const listed = await ask(port, { method: 'GET', path: `${path}?include=owner&sort=-createdAt`, token, body: null })
    const changed = await ask(port, { method: 'PATCH', path: `${path}/${created.json?.id}`, token, body: '{"title":"b"}' })
    const statuses = [created.status, read.status, listed.status, changed.status].join()
    if (statuses !== '201,200,200,200') throw new Error(`${path} answers ${statuses}`)
  }
}
