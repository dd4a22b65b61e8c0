/** Starts servers as processes: installs them when necessary, starts them one by one, and ends them in any case. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { EnvironmentError } from '../../src/base/environment-error.ts'
import { WORK } from '../base/folders.ts'
import type { Server, ServerName } from './servers.ts'

/** What every server gets in its environment. */
export interface Surroundings {
  readonly databaseUrl: string
  /** Ed25519 private key as PEM. */
  readonly key: string
  readonly secret: string
  readonly issuer: string
}

/** A server that listens. */
export interface Started<Name extends string = ServerName> {
  readonly name: Name
  readonly server: Server
  readonly port: number
  readonly pid: number
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMs: number
}

const LOGS = join(WORK, 'logs')
const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 5_000

/**
 * Starts the servers and lends them when all listen; ends them in any case.
 *
 * @throws EnvironmentError with the end of a server's output when it does not start.
 */
export async function withServers<Name extends string, T>(
  servers: readonly (readonly [Name, Server])[],
  surroundings: Surroundings,
  work: (started: readonly Started<Name>[]) => Promise<T>,
): Promise<T> {
  const children: ChildProcess[] = []
  // SIGTERM to this process also ends the servers. On Ctrl-C the terminal sends SIGINT to them itself.
  const end = () => {
    for (const child of children) child.kill('SIGKILL')
    process.exit(128 + constants.signals.SIGTERM)
  }
  process.once('SIGTERM', end)
  try {
    const started: Started<Name>[] = []
    for (const [name, server] of servers) {
      await installPeer(server)
      await prepareDatabase(server, surroundings)
      started.push(await start({ name, server }, surroundings, children))
    }
    return await work(started)
  } finally {
    process.off('SIGTERM', end)
    await Promise.all(children.map(stop))
  }
}

async function start<Name extends string>(
  { name, server }: { readonly name: Name; readonly server: Server },
  surroundings: Surroundings,
  children: ChildProcess[],
): Promise<Started<Name>> {
  const port = await freePort()
  await mkdir(LOGS, { recursive: true })
  const log = join(LOGS, `${name}.log`)
  const output = openSync(log, 'w')
  const begun = performance.now()
  const child = spawn(process.execPath, [...server.command], {
    cwd: server.peer ?? undefined,
    env: { ...process.env, ...environmentOf(surroundings, port), ...server.environment },
    stdio: ['ignore', output, output],
  })
  children.push(child)
  closeSync(output)
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() - begun > START_LIMIT_MS) {
      throw new EnvironmentError(
        `${server.title} does not start; its last output:\n${(await readFile(log, 'utf8')).slice(-2000)}`,
        `All of it is in ${log}.`,
      )
    }
    await sleep(5)
  }
  return { name, server, port, pid: child.pid ?? 0, startMs: performance.now() - begun }
}

async function prepareDatabase({ peer, preparation }: Server, surroundings: Surroundings): Promise<void> {
  if (peer === null || preparation === null) return
  await promisify(execFile)(process.execPath, [preparation], {
    cwd: peer,
    env: { ...process.env, NODE_ENV: 'production', DATABASE_URL: surroundings.databaseUrl, JWT_SECRET: surroundings.secret },
  })
}

function environmentOf({ databaseUrl, key, secret, issuer }: Surroundings, port: number): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: issuer,
    AUTH_KEYS: key,
    AUTH_KEY: key,
    JWT_SECRET: secret,
  }
}

/** Whether the server answers with a status below 500: a server that listens may still be starting. */
async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.status < 500
  } catch {
    return false
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  // No request is under way, and an orderly shutdown would take longer.
  child.kill('SIGKILL')
  await Promise.race([ended, sleep(STOP_LIMIT_MS)])
}

/** Returns a port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

/** Installs a peer's packages from its lock file, without their install scripts, unless they are installed. */
async function installPeer({ peer }: Server): Promise<void> {
  if (peer === null) return
  const manifest: Manifest = JSON.parse(await readFile(join(peer, 'package.json'), 'utf8'))
  if (manifest.dependencies === undefined) return
  const done = join(peer, 'node_modules/.bench-installed')
  const lock = await stat(join(peer, 'package-lock.json'))
  if (existsSync(done) && (await stat(done)).mtimeMs > lock.mtimeMs) return
  const npm = promisify(execFile)
  await npm('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: peer })
  if (manifest.scripts?.['prepare-peer'] !== undefined) await npm('npm', ['run', 'prepare-peer'], { cwd: peer })
  await writeFile(done, '')
}
