/** Runs the command line as a process, for tests of its output and exit code. */

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

export const ROOT = dirname(dirname(import.meta.dirname))

/** Runs `plinth` from the sources. */
export const PLINTH = [process.execPath, '--conditions=source', join(ROOT, 'src/cli.ts')] as const

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A running process and its output so far. */
export interface Started {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  output(): string
  /** Resolves with the output once it matches. Rejects when the process ends first. */
  until(pattern: RegExp): Promise<string>
}

/** Starts a command line. It is always ended after the test. */
export function start(t: TestContext, [file, ...args]: readonly [string, ...string[]], options: RunOptions = {}): Started {
  const child = spawn(file, args, { cwd: options.cwd, env: { ...cleanEnvironment(), ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  const listeners = new Set<() => void>()
  const hear = (add: (text: string) => void) => (text: string) => {
    add(text)
    for (const listener of listeners) listener()
  }
  child.stdout.setEncoding('utf8').on(
    'data',
    hear((text) => {
      stdout += text
    }),
  )
  child.stderr.setEncoding('utf8').on(
    'data',
    hear((text) => {
      stderr += text
    }),
  )
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      resolve({ code, stdout, stderr })
      for (const listener of listeners) listener()
    })
  })
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(killer)
  })
  const output = () => stdout + stderr
  return {
    process: child,
    ended,
    output,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(output())) resolve(output())
          else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`ended before ${pattern}:\n${output()}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
  }
}

/** Runs a command line to its end. */
export function run(t: TestContext, command: readonly [string, ...string[]], options: RunOptions = {}): Promise<Ended> {
  return start(t, command, options).ended
}

/** The environment of this process without the variables of npm and the test runner, but with the cache of compiled modules. */
function cleanEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(lifecycle|package|command|execpath|node_execpath)|npm_config_local_prefix|INIT_CWD|NODE_(?!COMPILE_CACHE$)|DATABASE_URL$|PORT$|HOST$|FORCE_COLOR$|CI$)/.test(
        name,
      ),
  )
  return { ...Object.fromEntries(kept), PATH: outsidePath() }
}

/** The PATH without the programs of this repository, as in a user's shell. */
export function outsidePath(): string {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter)
}

/**
 * A new folder outside the repository, which is deleted after the test. Other users may enter it, because under root the embedded
 * PostgreSQL runs as another user.
 */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-cli-'))
  chmodSync(folder, 0o755)
  // Processes of the test may still be ending.
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }))
  return folder
}

/** Resolves when no server answers at the address any more. */
export async function untilGone(url: string): Promise<void> {
  while (await isServed(url)) await wait(100)
}

function isServed(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

/** The ports below those that systems give to clients, of which another process could get one before the server listens. */
const PORTS = { first: 20_000, each: 12, processes: 1_000 } as const
let taken = 0

/** A port that is currently free. Test files that run at the same time get different ones. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + (((process.pid % PORTS.processes) * PORTS.each + taken++) % (PORTS.processes * PORTS.each))
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false)).listen(port, () => server.close(() => resolve(true)))
  })
}
