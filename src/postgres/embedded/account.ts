/** The operating system users that run the embedded server. */

import { createHash } from 'node:crypto'
import { chown, lchown, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type Account, run } from './run-program.ts'

/**
 * `server` owns the data and runs the server. `initdb` runs initdb, which requires a user with a name. Undefined means Plinth's own user.
 */
export interface Accounts {
  readonly server: Account | undefined
  readonly initdb: Account | undefined
}

/**
 * The first of the user ids that no system assigns (systemd's UIDS-GIDS lists 60706 to 61183 as unused). A user namespace often ends at
 * 65536.
 */
const FIRST_UID = 60_706
const UIDS = 478

const USER_HINT = 'Run Plinth as an ordinary user, or set DATABASE_URL to a PostgreSQL server.'

/** Whether Plinth runs as root. PostgreSQL refuses to run as root. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0
}

/**
 * Chooses the users for the embedded server of `folder`. Under root, PostgreSQL needs another user. The choice is, in this order: the owner
 * of existing data, the owner of the folder, or an unused user id that is derived from the folder. With its own user id, no other service
 * or project can read the data.
 *
 * @throws EnvironmentError when the system has no user except root, or no user id is free.
 */
export async function chooseAccounts(folder: string, data: string): Promise<Accounts> {
  if (!isRoot()) return { server: undefined, initdb: undefined }
  const named = await namedAccounts()
  const server = (await ownerOf(data)) ?? (await ownerOf(folder)) ?? unusedAccount(folder, named)
  return { server, initdb: named.some((account) => account.uid === server.uid) ? server : leastAccount(named) }
}

/** Whether the account can enter the folder. It tries, because file modes do not show access lists and mount options. */
export async function canEnter(account: Account | undefined, folder: string): Promise<boolean> {
  if (account === undefined) return true
  const { code } = await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { account })
  return code === 0
}

/** Makes the account the owner of a file or of a folder without its content. @throws EnvironmentError when the system refuses. */
export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (account === undefined) return
  try {
    await chown(path, account.uid, account.gid)
  } catch (error) {
    throw new EnvironmentError(`cannot give ${path} to user id ${account.uid}: ${(error as Error).message}`, USER_HINT, { cause: error })
  }
}

/**
 * Makes the account the owner of a folder and its content. It changes links, but not their targets.
 *
 * @throws EnvironmentError when the system refuses.
 */
export async function giveTreeTo(account: Account | undefined, folder: string): Promise<void> {
  if (account === undefined) return
  const entries = await readdir(folder, { withFileTypes: true })
  await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? giveTreeTo(account, path) : lchown(path, account.uid, account.gid)
    }),
  )
  await giveTo(account, folder)
}

async function ownerOf(path: string): Promise<Account | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats === undefined || stats.uid === 0 ? undefined : { uid: stats.uid, gid: stats.gid }
}

async function namedAccounts(): Promise<readonly (Account & { readonly name: string })[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([name, , uid, gid]) => (name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []))
}

function unusedAccount(folder: string, named: readonly Account[]): Account {
  const start = createHash('sha256').update(folder).digest().readUInt32BE(0)
  for (let step = 0; step < UIDS; step++) {
    const uid = FIRST_UID + ((start + step) % UIDS)
    if (!named.some((account) => account.uid === uid)) return { uid, gid: uid }
  }
  throw new EnvironmentError(`every user id from ${FIRST_UID} to ${FIRST_UID + UIDS - 1} is taken`, USER_HINT)
}

function leastAccount(named: readonly (Account & { readonly name: string })[]): Account {
  const found = named.find((account) => account.name === 'nobody') ?? named.find((account) => account.uid > 0)
  if (found === undefined) throw new EnvironmentError('PostgreSQL does not run as root, and /etc/passwd names no other user', USER_HINT)
  return { uid: found.uid, gid: found.gid }
}
