/** Runs PostgreSQL's programs. */

import { spawn } from 'node:child_process'

/** The operating system user that runs a program. When absent, Plinth's own user. */
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

/** The result of a program. `code` is null when a signal ended the program or it could not start; `output` then contains the reason. */
export interface RunResult {
  readonly code: number | null
  readonly output: string
}

/** The environment variables with which programs and libraries are found. Other variables may be secrets and are not passed on. */
const PASSED_ON = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SystemDrive']

/** Returns the environment for PostgreSQL's programs: C locale and UTC, so that their output is the same everywhere. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const passedOn = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(passedOn), LC_ALL: 'C', TZ: 'UTC' }
}

/**
 * Returns spawn options that run a child as `account`. Its working folder is one that every user can enter, because `account` may not be
 * able to enter the current folder.
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
    child.stdin.on('error', () => {}) // a program may end before it reads its input; its exit code decides
    child.on('error', (error) => (signal?.aborted ? reject(error) : resolve({ code: null, output: error.message })))
    child.on('close', (code) => resolve({ code, output }))
    child.stdin.end(input ?? '')
  })
}
