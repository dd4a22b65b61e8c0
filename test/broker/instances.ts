/** Starts and kills backends that exchange events. */

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
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

/** A new database for one of the backends; its process is not started. */
export async function instanceOf(t: Ends, name: keyof typeof MODELS, natsUrl: string): Promise<Instance> {
  const database = await migratedDatabase(MODELS[name]())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
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
      const started = fork(join(import.meta.dirname, 'instance.ts'), [name, database.url, natsUrl, String(port)], {
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
