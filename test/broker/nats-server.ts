/** A server of NATS with JetStream, which tests start and stop. */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type ConnectionOptions, connect, headers } from '@nats-io/transport-node'
import type { Ends } from '../support/backend.ts'
import { freePort } from '../support/command-line.ts'

const SERVER = '/usr/sbin/nats-server'
/** Why the tests cannot run here; false where they can. */
export const skip = !existsSync(SERVER) && process.env.CI !== 'true' && `there is no ${SERVER}; apt-get install nats-server`

/** A message of a stream. */
export interface Stored {
  readonly subject: string
  readonly id: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of any shape
  readonly event: any
}

export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Ends the process; what it stored stays. `hard`: with SIGKILL. */
  stop(how?: 'hard'): Promise<void>
  /** Starts it again. */
  start(): Promise<void>
  /** Creates a stream. */
  stream(name: string, subjects: readonly string[]): Promise<void>
  /** Publishes a text. */
  send(subject: string, body: string | Uint8Array, head?: Readonly<Record<string, string>>): Promise<void>
  /** All messages of a stream, in their order. */
  stored(stream: string): Promise<readonly Stored[]>
  /** The manager of streams and consumers, for one use. */
  manage<T>(work: (manager: JetStreamManager) => Promise<T>): Promise<T>
}

/** Starts a server. `config` is added to its configuration, `options` to the connections of the test itself. */
export async function startNats(
  t: Ends,
  { config = '', options = {} }: { readonly config?: string; readonly options?: Partial<ConnectionOptions> } = {},
): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-nats-'))
  const port = await freePort()
  const url = `nats://127.0.0.1:${port}`
  writeFileSync(join(folder, 'nats.conf'), `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}" }\n${config}\n`)
  let running: ChildProcess | null = null
  const start = async (): Promise<void> => {
    running = spawn(SERVER, ['-c', join(folder, 'nats.conf')], { stdio: 'ignore' })
    while (!(await listens(port))) await sleep(20)
  }
  const stop = async (how?: 'hard'): Promise<void> => {
    const ending = running
    running = null
    if (ending === null) return
    const ended = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(how === 'hard' ? 'SIGKILL' : 'SIGTERM')
    await ended
  }
  await start()
  t.after(async () => {
    await stop('hard')
    rmSync(folder, { recursive: true, force: true })
  })
  const manage = async <T>(work: (manager: JetStreamManager, on: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> => {
    const on = await connect({ servers: url, ...options })
    try {
      return await work(await jetstreamManager(on), on)
    } finally {
      await on.close()
    }
  }
  return {
    ...{ url, port, start, stop, manage },
    stream: (name, subjects) => manage(async (manager) => void (await manager.streams.add({ name, subjects: [...subjects] }))),
    send: (subject, body, head = {}) =>
      manage(async (_, on) => {
        const all = headers()
        for (const [name, value] of Object.entries(head)) all.set(name, value)
        await jetstream(on).publish(subject, body, { headers: all })
      }),
    stored: (stream) =>
      manage(async (manager) => {
        const { state } = await manager.streams.info(stream)
        const all: Stored[] = []
        for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
          const message = await manager.streams.getMessage(stream, { seq }).catch(() => null)
          if (message !== null) all.push({ subject: message.subject, id: message.header.get('Nats-Msg-Id'), event: message.json() })
        }
        return all
      }),
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('data', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('data', () => socket.destroy())
  })
}

/** The text of a CloudEvent. */
export function cloudEvent(id: string, data: unknown, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ specversion: '1.0', id, source: '/payments', type: 'payment.settled', data, ...more })
}
