/** Runs a program as a process group of its own, so that everything it has started ends with it. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Environment } from '../../terminal/environment.ts'

/** What to run. */
export interface GroupOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Variables of the processes; those of this process unless given. */
  readonly env?: Environment
  /** Milliseconds after which the group is ended. */
  readonly withinMs: number
  /** Characters of standard output after which the group is ended. */
  readonly mostText: number
  /** Receives each line of standard output. Unless given, the output is kept. */
  readonly onLine?: (line: string) => void
}

/** How a program ended. */
export interface GroupEnd {
  /** Its exit code; null if a signal has ended it. */
  readonly code: number | null
  /** Why this process has ended it: `it took longer than 20 s`; null if it ended by itself. */
  readonly cut: string | null
  /** Whether it was ended because of the time. */
  readonly isLate: boolean
  /** Standard output, unless its lines were received one by one. */
  readonly output: string
  /** The end of what it has written to standard error. */
  readonly errors: string
}

const LONGEST_ERRORS = 2_000
/** How long output is waited for after the program has ended, as where one of its processes has left the group and keeps the pipe open. */
const GRACE_MS = 1_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs a program to its end. Its group ends with it, at the limits, and with this process: a signal from the terminal does not reach other
 * groups by itself.
 *
 * @throws Error if the program cannot be started.
 */
export async function runGroup({ program, args, cwd, env, withinMs, mostText, onLine }: GroupOptions): Promise<GroupEnd> {
  const child = spawn(program, args, {
    cwd,
    ...(env === undefined ? {} : { env: { ...env } }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  let cut: string | null = null
  let isLate = false
  let output = ''
  let errors = ''
  let length = 0
  const stop = (why: string): void => {
    cut ??= why
    endGroup(child.pid)
  }
  const release = withThisProcess(() => endGroup(child.pid))
  const timer = setTimeout(() => {
    isLate = cut === null
    stop(`it took longer than ${withinMs / 1_000} s`)
  }, withinMs)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    length += text.length
    if (length > mostText) stop(`it printed more than ${mostText} characters`)
    else if (onLine === undefined) output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-LONGEST_ERRORS)
  })
  if (onLine !== undefined) createInterface({ input: child.stdout }).on('line', (line) => length <= mostText && onLine(line))
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', () => {
        // What it has started would keep its output open.
        endGroup(child.pid)
        setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), GRACE_MS).unref()
      })
      child.on('close', resolve)
    })
    return { code, cut, isLate, output, errors }
  } finally {
    clearTimeout(timer)
    release()
  }
}

/** Calls a function when this process ends, also by a signal, which then ends it as if nothing had listened. Returns what undoes this. */
function withThisProcess(end: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    end()
    release()
    process.kill(process.pid, signal)
  }
  const release = (): void => {
    process.off('exit', end)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  process.on('exit', end)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return release
}

/** Ends a process and those that it has started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
