/** Starts `plinth serve` as a process of its own, as in production, and ends it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { CodeCost } from '../../verify/review/code-cost.ts'
import { CODE_RAN } from '../serving/code-costs.ts'
import type { Environment } from '../terminal/environment.ts'

/** A serving process. */
export interface ServeProcess {
  readonly url: string
  /** The messages of the defects that it has logged since the last call. */
  readonly takeDefects: () => readonly string[]
  /** What runs of code have cost that ended since the last call. */
  readonly takeCosts: () => readonly CodeCost[]
  /** What it has written since it started. */
  readonly log: () => string
  /** The lines of the log since the last call; the latest of many. */
  readonly takeLog: () => readonly string[]
  /** Ends the process and waits for its end. */
  readonly stop: () => Promise<void>
}

/** How to start it. */
export interface ServeOptions {
  /** The program and its arguments, up to the name of the command. */
  readonly program: readonly string[]
  readonly design: string
  readonly cwd: string
  readonly env: Environment
}

const START_MS = 60_000
/** The most characters of the log that are kept. */
const MOST_LOG = 64 * 1024 * 1024
/** A process that does not end within this time after SIGTERM is killed. */
const STOP_MS = 5_000
/** The levels of entries about defects. */
const DEFECT_LEVELS: readonly unknown[] = ['error', 'fatal']
/** Lines of the log that are kept. */
const MOST_LINES = 2_000

/** Starts the process and waits until it listens. @throws EnvironmentError with what it said when it does not start. */
export async function startServe({ program, design, cwd, env }: ServeOptions): Promise<ServeProcess> {
  const [file = process.execPath, ...args] = program
  const child = spawn(file, [...args, 'serve', design], { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const defects: string[] = []
  const costs: CodeCost[] = []
  const log: string[] = []
  let said = ''
  const written: string[] = []
  let length = 0
  const keep = (text: string): void => {
    length += text.length
    if (length < MOST_LOG) written.push(text)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4_000)
  })
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(notStarted(said)), START_MS)
    child.on('error', reject)
    child.on('exit', () => reject(notStarted(said)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = entryOf(line)
      if (log.push(line) > MOST_LINES) log.splice(0, MOST_LINES / 2)
      if (entry === null) said = `${said}${line}\n`.slice(-4_000)
      else if (entry.msg === 'listening' && typeof entry.url === 'string') resolve(entry.url)
      else if (entry.msg === CODE_RAN) costs.push(entry as unknown as CodeCost)
      else if (DEFECT_LEVELS.includes(entry.level)) defects.push(line.slice(0, 500))
    })
    child.on('exit', () => clearTimeout(timer))
    child.on('spawn', () => timer.unref())
  }).catch(async (error: unknown) => {
    await end(child)
    throw error
  })
  return {
    url,
    log: () => written.join(''),
    takeDefects: () => defects.splice(0),
    takeCosts: () => costs.splice(0),
    takeLog: () => log.splice(0),
    stop: () => end(child),
  }
}

function notStarted(said: string): EnvironmentError {
  const lines = said.trim().split('\n').slice(-10).join('\n')
  return new EnvironmentError(`the backend did not start:\n${lines}`, 'start it with plinth serve and the same settings to see why')
}

function entryOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null ? (entry as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}
