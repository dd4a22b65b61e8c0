import { spawn } from 'node:child_process'

/** The operating system user that a program runs as. Absent everywhere: Plinth's own. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

export interface RunOptions {
  readonly account?: Account | undefined
  readonly input?: string
  readonly signal?: AbortSignal
}

/** `code` is null when a signal ended the program or it could not be started; `output` then says why. */
export interface RunResult {
  readonly code: number | null
  readonly output: string
}

/** What programs need to be found and to load: the rest of Plinth's environment holds secrets that are none of the server's business. */
const PASSED_ON = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SystemDrive']

/** The environment of PostgreSQL's programs: in the C locale and UTC, so that what they print is the same everywhere. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const passedOn = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(passedOn), LC_ALL: 'C', TZ: 'UTC' }
}

/** The spawn options that make a child run as `account`, in a folder every user can enter (the current one may be closed to it). */
export function spawnAs(account: Account | undefined): { cwd?: string; uid?: number; gid?: number } {
  return account === undefined ? {} : { cwd: '/', uid: account.uid, gid: account.gid }
}

/** Runs a program to its end and returns its exit code and what it printed on both streams. Never rejects, except with AbortError. */
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
