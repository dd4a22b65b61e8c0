/** Starts `plinth serve` as a process of its own, as in production, and ends it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { EnvironmentError } from '../../../base/environment-error.ts'
import type { WrittenLog } from '../../../verify/cases/probe.ts'
import type { CodeCost } from '../../../verify/review/code-cost.ts'
import { CODE_RAN } from '../../serving/code-costs.ts'
import type { Environment } from '../../terminal/environment.ts'
import { joinedLogs, keepLog } from './kept-log.ts'
import { defectIn, entryOf } from './log-entries.ts'

/** A serving process. */
export interface ServeProcess {
  readonly url: string
  /** Its id. */
  readonly pid: number
  /** The id of the process that listens, which may be a child of it. */
  readonly listeningPid: number
  /** From now on, what it writes is taken and not read, so that reading costs nothing beside a load. */
  readonly ignoreLog: () => void
  /** The messages of the defects that it has logged since the last call. */
  readonly takeDefects: () => readonly string[]
  /** What runs of code have cost that ended since the last call; the latest of many. */
  readonly takeCosts: () => readonly CodeCost[]
  /** What it has written since it started. */
  readonly log: () => WrittenLog
  /** The lines of the log since the last call; the latest of many. */
  readonly takeLog: () => readonly string[]
  /** Ends the process and waits for its end. */
  readonly stop: () => Promise<void>
  /** Ends it as a crash does (SIGKILL), with the process that supervises it. */
  readonly kill: () => Promise<void>
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
/** A process that does not end within this time after SIGTERM is killed. It gives load balancers five seconds, and then ends its work. */
const STOP_MS = 8_000
/** The latest lines, costs and defects that are kept until they are taken: in most runs nobody takes them. */
const MOST_KEPT = 2_000

/** Starts the process and waits until it listens. @throws EnvironmentError with what it said when it does not start. */
export async function startServe({ program, design, cwd, env }: ServeOptions): Promise<ServeProcess> {
  const [file = process.execPath, ...args] = program
  const child = spawn(file, [...args, 'serve', design], { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const defects = latest<string>()
  const costs = latest<CodeCost>()
  const lines = latest<string>()
  let said = ''
  let serving: number | null = null
  let killed: Promise<void> | null = null
  const [output, errors] = [keepLog(), keepLog()]
  child.stdout.setEncoding('utf8').on('data', output.write)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors.write(text)
    said = `${said}${text}`.slice(-4_000)
  })
  const closeLogs = (): void => {
    for (const log of [output, errors]) log.close()
  }
  const stop = async (): Promise<void> => {
    await end(child)
    closeLogs()
  }
  const reading = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(notStarted(said)), START_MS)
    child.on('error', reject)
    child.on('exit', () => reject(notStarted(said)))
    reading.on('line', (line) => {
      const entry = entryOf(line)
      const defect = entry === null ? null : defectIn(entry)
      lines.add(line)
      if (entry === null) said = `${said}${line}\n`.slice(-4_000)
      else if (entry.msg === 'listening' && typeof entry.url === 'string') {
        serving = typeof entry.pid === 'number' ? entry.pid : null
        resolve(entry.url)
      } else if (entry.msg === CODE_RAN) costs.add(entry as unknown as CodeCost)
      else if (defect !== null) defects.add(defect)
    })
    child.on('exit', () => clearTimeout(timer))
    child.on('spawn', () => timer.unref())
  }).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    url,
    pid: child.pid ?? 0,
    listeningPid: serving ?? child.pid ?? 0,
    ignoreLog() {
      reading.close()
      child.stdout.removeAllListeners('data').resume()
    },
    log: () => joinedLogs([output.read(), errors.read()]),
    takeDefects: defects.take,
    takeCosts: costs.take,
    takeLog: lines.take,
    stop,
    kill: () => (killed ??= kill(child, serving).then(closeLogs)),
  }
}

function notStarted(said: string): EnvironmentError {
  const lines = said.trim().split('\n').slice(-10).join('\n')
  return new EnvironmentError(`the backend did not start:\n${lines}`, 'start it with plinth serve and the same settings to see why')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/** A list that keeps the latest of what is added until it is taken. */
export function latest<T>(most: number = MOST_KEPT): { readonly add: (one: T) => void; readonly take: () => readonly T[] } {
  const kept: T[] = []
  return {
    add(one) {
      if (kept.push(one) > most) kept.splice(0, Math.ceil(most / 2))
    },
    take: () => kept.splice(0),
  }
}

/** @param serving the process that serves, if another one supervises it */
async function kill(child: ChildProcess, serving: number | null): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  if (serving !== null && serving !== child.pid) {
    try {
      process.kill(serving, 'SIGKILL')
    } catch {
      // It has ended with the one that supervised it.
    }
  }
  await ended
}
