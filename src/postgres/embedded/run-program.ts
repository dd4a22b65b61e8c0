/** Runs PostgreSQL's programs. */

import { spawn } from 'node:child_process'

/** The operating system user that a program runs as. Where it is absent: Plinth's own. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** How to run a program. */
export interface RunOptions {
  readonly account?: Account | undefined
  readonly input?: string
  readonly signal?: AbortSignal
}

/** The result of a program. `code` is null when a signal ended it or it could not be started; `output` then says why. */
export interface RunResult {
  readonly code: number | null
  readonly output: string
}

/** The variables that programs need to be found and to load. Others may be secrets and are not passed on. */
const PASSED_ON = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SystemDrive']

/** Returns the environment for PostgreSQL's programs: C locale and UTC, so that their output is the same everywhere. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const passedOn = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(passedOn), LC_ALL: 'C', TZ: 'UTC' }
}

/**
 * Returns spawn options to run a child as `account`, in a folder that every user can enter (it may not be able to enter the current one).
 */
export function spawnAs(account: Account | undefined): { cwd?: string; uid?: number; gid?: number } {
  return account === undefined ? {} : { cwd: '/', uid: account.uid, gid: account.gid }
}

/**
 * Runs a program to its end. Resolves with its exit code and the output of both streams. Rejects only with AbortError, when `signal` is
 * aborted.
 */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { account, input, signal } = options
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...spawnAs(account),
      env: serverEnvironment(),
      stdio: 'pipe',
      windowsHide: true,
      killSignal: 'SIGKILL',
      signal,
    })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.stdin.on('error', () => {}) // a program that ends before reading its input is judged by its exit code
    child.on('error', (error) => (signal?.aborted ? reject(error) : resolve({ code: null, output: error.message })))
    child.on('close', (code) => resolve({ code, output }))
    child.stdin.end(input ?? '')
  })
}
