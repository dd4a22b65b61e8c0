/** A real Redis for tests, on loopback, without files. */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ends } from '../support/backend.ts'
import { freePort } from '../support/command-line.ts'

const SERVER = '/usr/bin/redis-server'
/** Why tests with Redis are skipped; false where they run. In CI they always run. */
export const skip = !existsSync(SERVER) && process.env.CI !== 'true' && `there is no ${SERVER}; apt-get install redis-server`

/** A running server. */
export interface RedisServer {
  readonly url: string
  /** Keeps it from answering, as a network that is gone does. */
  readonly pause: () => void
  readonly resume: () => void
  /** Deletes everything in it. */
  readonly flush: () => Promise<string>
  readonly kill: () => Promise<void>
  /** Starts it again at the same port, empty. */
  readonly restart: () => Promise<void>
}

/** Starts a server that ends after the test. */
export async function startRedis(t: Ends): Promise<RedisServer> {
  const port = await freePort()
  let process: ChildProcess
  const begin = async (): Promise<void> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning']
    process = spawn(SERVER, args, { stdio: 'ignore' })
    while ((await command(port, 'PING').catch(() => '')) !== '+PONG') await wait(20)
  }
  const kill = async (): Promise<void> => {
    if (process.exitCode !== null || process.signalCode !== null) return
    const ended = new Promise((resolve) => process.once('exit', resolve))
    process.kill('SIGKILL')
    await ended
  }
  await begin()
  t.after(kill)
  return {
    url: `redis://127.0.0.1:${port}/0`,
    pause: () => void process.kill('SIGSTOP'),
    resume: () => void process.kill('SIGCONT'),
    flush: () => command(port, 'FLUSHALL'),
    kill,
    restart: begin,
  }
}

/** Sends one command. Gives the first line of the answer. */
function command(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${text}\r\n`))
    socket.on('error', reject).on('data', (data) => {
      resolve(data.toString().trim())
      socket.destroy()
    })
  })
}
