/** The development server of a project: `plinth up` as a process of its own, which takes up each design that is written. */

import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject } from '../../../base/is-object.ts'
import { isAlive } from '../state/jobs.ts'
import type { Project } from '../state/project.ts'
import { mcpFolder } from '../state/state-files.ts'
import { ToolError } from '../state/tool-error.ts'

/** A server that runs. */
export interface DevelopmentServer {
  readonly pid: number
  readonly url: string
}

const PORTS = { first: 3000, last: 3049 } as const
const START_MS = 120_000
const RELOAD_MS = 30_000
const LOOK_MS = 100

/**
 * Starts the server; if it runs, waits until it serves the design that was just written.
 *
 * @param seen how often it had reloaded before the design was written; null if the same design was there.
 * @throws ToolError PLN-M011 if it does not start, or keeps the previous design.
 */
export async function developmentServer(project: Project, design: string, seen: number | null): Promise<DevelopmentServer> {
  const running = runningServer(project)
  if (running === null) return start(project, design)
  if (seen !== null) await reloaded(project, seen)
  return running
}

/** The server that this program has started for the project; null if none runs. */
export function runningServer({ root }: Pick<Project, 'root'>): DevelopmentServer | null {
  try {
    const { pid, url }: Partial<DevelopmentServer> = JSON.parse(readFileSync(stateFile(root), 'utf8'))
    if (typeof pid !== 'number' || typeof url !== 'string' || !isAlive(pid)) return null
    return isServerOf(root, pid) && new URL(url).hostname === 'localhost' ? { pid, url } : null
  } catch {
    return null
  }
}

/** Ends the server. Gives whether one ran. */
export async function endServer(project: Pick<Project, 'root'>): Promise<boolean> {
  const running = runningServer(project)
  if (running === null) return false
  process.kill(running.pid, 'SIGTERM')
  const until = performance.now() + 12_000
  while (isAlive(running.pid) && performance.now() < until) await sleep(LOOK_MS)
  rmSync(stateFile(project.root), { force: true })
  return true
}

/** A state that somebody has written, or a number that was used again, must not name another process. */
function isServerOf(root: string, pid: number): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words.includes('up') && words.some((word) => word.startsWith(root))
  } catch {
    return process.platform !== 'linux'
  }
}

async function start(project: Project, design: string): Promise<DevelopmentServer> {
  const { root, program, io } = project
  const log = openSync(logFile(root), 'w', 0o600)
  const [file = '', ...args] = [...program, 'up', join(root, design), '--json']
  const port = io.env.PORT ?? String(await freePort())
  const child = spawn(file, args, { cwd: root, env: { ...io.env, PORT: port }, detached: true, stdio: ['ignore', log, log] })
  let ended = false
  child.on('exit', () => {
    ended = true
  })
  child.on('error', () => {
    ended = true
  })
  child.unref()
  closeSync(log)
  const until = performance.now() + START_MS
  while (!ended && performance.now() < until) {
    const listening = eventsOf(root).find(({ kind }) => kind === 'listening')
    if (listening !== undefined && child.pid !== undefined) {
      const server = { pid: child.pid, url: String(listening.url) }
      writeFileSync(stateFile(root), JSON.stringify(server), { mode: 0o600 })
      return server
    }
    await sleep(LOOK_MS)
  }
  throw new ToolError('PLN-M011', `the development server did not start: ${lastWords(root)}`, {
    fix: 'correct what it says, then implement again',
  })
}

/** How often the server has reloaded its design, or refused to. */
export function reloadsOf({ root }: Pick<Project, 'root'>): number {
  return eventsOf(root).filter(isReload).length
}

async function reloaded({ root }: Project, before: number): Promise<void> {
  const until = performance.now() + RELOAD_MS
  while (performance.now() < until) {
    const events = eventsOf(root).filter(isReload)
    const last = events.at(-1)
    if (events.length > before && last !== undefined) {
      if (last.kind === 'reloaded') return
      throw new ToolError('PLN-M011', `the development server keeps the previous design: ${String(last.why)}`, {
        fix: String(last.next) || 'correct the design',
      })
    }
    await sleep(LOOK_MS)
  }
}

function isReload({ kind }: Readonly<Record<string, unknown>>): boolean {
  return kind === 'reloaded' || kind === 'kept'
}

/** The events that the server has written, one in a line. */
function eventsOf(root: string): readonly Readonly<Record<string, unknown>>[] {
  return (existsSync(logFile(root)) ? readFileSync(logFile(root), 'utf8') : '').split('\n').flatMap((line) => {
    try {
      const event: unknown = JSON.parse(line)
      return isObject(event) ? [event] : []
    } catch {
      return []
    }
  })
}

function lastWords(root: string): string {
  const failed = eventsOf(root).findLast((event) => isObject(event.error))?.error
  return isObject(failed) ? String(failed.message) : readFileSync(logFile(root), 'utf8').trim().slice(-300)
}

function stateFile(root: string): string {
  return join(mcpFolder(root), 'server.json')
}

function logFile(root: string): string {
  return join(mcpFolder(root), 'server.log')
}

/** The first free port of those that a development server takes. */
async function freePort(): Promise<number> {
  for (let port: number = PORTS.first; port <= PORTS.last; port++) if (await isFree(port)) return port
  return 0
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false)).listen(port, 'localhost', () => server.close(() => resolve(true)))
  })
}
