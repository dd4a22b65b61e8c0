/** A PostgreSQL of its own for tests that stop and restart it, from the programs of the embedded server. Loopback only. */

import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { prepareBinaries } from '../../src/postgres/embedded/binaries.ts'
import { claimFolder, resolvePlace } from '../../src/postgres/embedded/place.ts'
import type { Ends } from '../support/backend.ts'
import { freePort } from '../support/command-line.ts'

/** A running server. */
export interface OutsidePostgres {
  readonly url: string
  readonly stop: (how: 'fast' | 'immediate') => Promise<void>
  /** Resolves when it accepts connections. */
  readonly start: () => Promise<void>
}

/** Starts a server that ends after the test. As root it runs as another user. */
export async function startPostgres(t: Ends): Promise<OutsidePostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-outside-'))
  chmodSync(folder, 0o755)
  const place = await resolvePlace(await claimFolder(folder))
  const binaries = await prepareBinaries(place, () => {})
  const account = place.accounts.initdb
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (account !== undefined) chownSync(data, account.uid, account.gid)
  const run = async (program: string, ...args: readonly string[]): Promise<void> => {
    await promisify(execFile)(program, args, { ...account, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } })
  }
  await run(join(binaries.folder, 'bin/initdb'), '-D', data, '-U', 'app', '--auth=trust', '--encoding=UTF8', '--no-sync')
  const pgCtl = join(binaries.folder, 'bin/pg_ctl')
  const port = await freePort()
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c log_min_messages=panic`
  const start = () => run(pgCtl, '-D', data, '-l', join(data, 'log'), '-o', options, '-w', '-t', '120', 'start')
  const stop = (how: string) => run(pgCtl, '-D', data, '-m', how, '-w', '-t', '120', 'stop')
  await start()
  t.after(async () => {
    await stop('immediate').catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  })
  return { url: `postgres://app@127.0.0.1:${port}/postgres`, stop, start }
}
