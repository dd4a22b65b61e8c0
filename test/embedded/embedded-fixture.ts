import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { EmbeddedEvent } from '../../src/postgres/embedded/event.ts'
import { readPidFile } from '../../src/postgres/embedded/pidfile.ts'

export const asRoot = process.geteuid?.() === 0
const PROCESS = fileURLToPath(new URL('./embedded-process.ts', import.meta.url))

/** The part of a test's context that a fixture needs. A suite provides it too. */
export interface Cleanup {
  after(clean: () => Promise<void>): void
}

export interface Ready {
  readonly url: string
  readonly pid: number
  readonly shared: boolean
}

/** A process of embedded-process.ts. `events` collects all events; `ready` rejects when the start fails or the process ends first. */
export interface PlinthProcess {
  readonly events: readonly EmbeddedEvent[]
  readonly ready: Promise<Ready>
  /** Resolves with the first event of a kind. */
  saw(kind: EmbeddedEvent['kind']): Promise<void>
  stop(): Promise<void>
  /** Stops the process where it is, so that it does nothing until it is killed. */
  pause(): void
  kill(): Promise<void>
}

/**
 * An empty project folder inside a folder with the given mode. After the test, its processes are killed and its data are deleted, in any
 * place.
 */
export async function projectFolder(t: Cleanup, options: { name?: string; mode?: number } = {}): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'plinth-embedded-'))
  await chmod(base, options.mode ?? 0o755)
  const folder = join(base, options.name ?? 'app')
  await mkdir(folder, { recursive: true })
  t.after(async () => {
    const home = await homeOf(folder)
    await end(await keeperPid(folder), 'SIGKILL')
    await end(await serverPid(folder), 'SIGQUIT')
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
    await rm(base, { recursive: true, force: true, maxRetries: 5 })
  })
  return folder
}

/** A project folder with a database that was shut down: a copy of the template, which takes a fraction of an initialisation. */
export async function preparedFolder(t: Cleanup, template: string): Promise<string> {
  const folder = await projectFolder(t)
  await cp(join(template, '.plinth'), join(folder, '.plinth'), { recursive: true })
  return folder
}

/** Where the data of a project are. */
export async function homeOf(folder: string): Promise<string> {
  const here = join(folder, '.plinth', 'postgres')
  const location = await readFile(join(here, 'location'), 'utf8').catch(() => undefined)
  return location === undefined ? here : (JSON.parse(location) as { home: string }).home
}

export async function serverPid(folder: string): Promise<number | undefined> {
  return (await readPidFile(join(await homeOf(folder), 'data')))?.pid
}

export async function keeperPid(folder: string): Promise<number | undefined> {
  const state = await readFile(join(folder, '.plinth', 'postgres', 'keeper.json'), 'utf8').catch(() => undefined)
  return state === undefined ? undefined : (JSON.parse(state) as { pid: number }).pid
}

/** Runs statements on a new connection and returns the first column of the last statement's rows. */
export async function query(url: string, ...statements: readonly string[]): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let column: unknown[] = []
    for (const text of statements) column = (await client.query<unknown[]>({ text, rowMode: 'array' })).rows.map((row) => row[0])
    return column
  } finally {
    await client.end()
  }
}

/** Whether a process runs. A zombie does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Resolves when a process is gone; rejects after 30 s. (A keeper without a client waits 10 s for the first one.) */
export async function untilGone(pid: number): Promise<void> {
  const began = performance.now()
  while (isAlive(pid)) {
    if (performance.now() - began > 30_000) throw new Error(`process ${pid} is still there`)
    await sleep(10)
  }
}

/**
 * Forks a process that uses the embedded server like Plinth; it is killed after the test. `program` runs another copy of the sources, `uid`
 * another user.
 */
export function plinthProcess(t: Cleanup, folder: string, options: { program?: string; uid?: number } = {}): PlinthProcess {
  const child = fork(options.program ?? PROCESS, [], {
    cwd: dirname(options.program ?? PROCESS),
    env: { PATH: process.env.PATH, FOLDER: folder },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  const events: EmbeddedEvent[] = []
  const ended = once(child, 'exit')
  const ready = Promise.withResolvers<Ready>()
  ready.promise.catch(() => {}) // a test that kills the process before it is ready does not ask
  child.on('message', (message: { event?: EmbeddedEvent; ready?: Ready; failed?: string }) => {
    if (message.event !== undefined) {
      events.push(message.event)
      child.emit(`event:${message.event.kind}`)
    }
    if (message.ready !== undefined) ready.resolve(message.ready)
    if (message.failed !== undefined) ready.reject(new Error(message.failed))
  })
  void ended.then(() => ready.reject(new Error('the process ended')))
  const pause = (): void => void child.kill('SIGSTOP')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  t.after(kill)
  return {
    events,
    ready: ready.promise,
    async saw(kind) {
      if (!events.some((event) => event.kind === kind)) await once(child, `event:${kind}`)
    },
    async stop() {
      child.send('stop')
      await ended
    },
    pause,
    kill,
  }
}

/**
 * Kills Plinth and other processes as if at once. Each is stopped first, because a Plinth that outlives its keeper starts another one, and
 * a keeper that outlives its Plinth stops the server.
 */
export async function killAtOnce(plinth: PlinthProcess, ...others: readonly number[]): Promise<void> {
  plinth.pause()
  for (const pid of others) process.kill(pid, 'SIGSTOP')
  for (const pid of others) process.kill(pid, 'SIGKILL')
  await plinth.kill()
}

async function end(pid: number | undefined, signal: NodeJS.Signals): Promise<void> {
  if (pid === undefined || !isAlive(pid)) return
  process.kill(pid, signal)
  await untilGone(pid)
}
