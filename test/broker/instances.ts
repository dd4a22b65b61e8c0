/** Starts and kills backends that exchange events and call each other. */

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { newPem } from '../identity/instances.ts'
import type { Ends } from '../support/backend.ts'
import { freePort } from '../support/command-line.ts'
import { migratedDatabase } from '../support/database.ts'
import { MODELS } from './exchange-design.ts'

/** A backend in a process of its own. */
export interface Instance {
  readonly url: string
  /** Starts the process. */
  start(): Promise<void>
  /** Ends it with SIGKILL. */
  kill(): Promise<void>
  create(path: string, body: object): Promise<Response>
  sql(text: string): Promise<readonly Record<string, unknown>[]>
}

/** New databases and addresses for both backends; their processes are not started. */
export async function instancesOf(t: Ends, natsUrl: string): Promise<Readonly<Record<keyof typeof MODELS, Instance>>> {
  const address = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`
  const urls = { shop: await address(), billing: await address() }
  return { shop: await instanceOf(t, 'shop', { natsUrl, urls }), billing: await instanceOf(t, 'billing', { natsUrl, urls }) }
}

interface Addresses {
  readonly natsUrl: string
  readonly urls: Readonly<Record<keyof typeof MODELS, string>>
}

async function instanceOf(t: Ends, name: keyof typeof MODELS, { natsUrl, urls }: Addresses): Promise<Instance> {
  const database = await migratedDatabase(MODELS[name]())
  const url = urls[name]
  // The same after each start, so that the other one knows it.
  const key = newPem()
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  // A connection that is closing may still hear that its database is dropped.
  pool.on('error', () => {})
  let running: ChildProcess | null = null
  const kill = async (): Promise<void> => {
    const ending = running
    running = null
    if (ending === null) return
    const ended = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGKILL')
    await ended
  }
  t.after(async () => {
    await kill()
    await pool.end()
    await database.drop()
  })
  return {
    url,
    kill,
    async start() {
      const started = fork(join(import.meta.dirname, 'instance.ts'), [name, database.url, natsUrl, urls.shop, urls.billing, key], {
        execArgv: ['--conditions=source'],
        stdio: 'inherit',
      })
      running = started
      await new Promise<void>((resolve, reject) => {
        started.on('message', (message) => (message === 'ready' ? resolve() : undefined))
        started.once('exit', () => reject(new Error(`${name} has ended`)))
      })
    },
    create: (path, body) =>
      fetch(`${url}/api/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    sql: async (text) => (await pool.query(text)).rows,
  }
}
