/** The password of the embedded server. */

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Address } from './event.ts'

/** The name of the role and of the database that Plinth uses. The role is not a superuser, as in production. */
export const OWN_NAME = 'plinth'

/** How the names of ordinary roles begin: they own nothing, and only servers of throw-away databases admit them. */
export const ORDINARY_ROLES = 'plinth_ordinary_'

const ITERATIONS = 4096

/** The password of an embedded server. `made` is true when there was none before. */
export interface Password {
  readonly value: string
  readonly made: boolean
}

/**
 * Reads the password in `here`, or makes a random password of 256 bits in a file that only Plinth's user can read. The caller must hold the
 * lock of `here`.
 */
export async function loadPassword(here: string): Promise<Password> {
  const path = join(here, 'password')
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (kept.trim() !== '') return { value: kept.trim(), made: false }
  const value = randomBytes(32).toString('base64url')
  await writeFile(`${path}.new`, `${value}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
  return { value, made: true }
}

/**
 * Returns the text that PostgreSQL stores for a password (RFC 5803 with SCRAM-SHA-256 of RFC 7677), so that no statement and no log
 * contains the password. The password must be ASCII, because SASLprep is not applied.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256')
  const keyFor = (name: string) => createHmac('sha256', salted).update(name).digest()
  const storedKey = createHash('sha256').update(keyFor('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${keyFor('Server Key').toString('base64')}`
}

/**
 * Sets a new password for the role on a running server, when the password file was lost but the data were not. It connects as
 * administrator, which the server allows to Plinth's operating system user only over the socket.
 *
 * @throws EnvironmentError when the server has no socket.
 */
export async function resetPassword(address: Address, password: Password): Promise<void> {
  if (address.kind === 'loopback') {
    throw new EnvironmentError('the password of the embedded PostgreSQL is lost', 'Restore .plinth/postgres/password from a backup.')
  }
  const { default: pg } = await import('pg')
  const client = new pg.Client({ host: address.folder, port: address.port, user: 'postgres', database: 'postgres' })
  await client.connect()
  try {
    await client.query(`alter role ${OWN_NAME} password '${scramVerifier(password.value)}'`)
  } finally {
    await client.end()
  }
}

/**
 * Returns the connection URL of the administrator, whom the server knows by the operating system user; null without a socket. It is for
 * setting up throw-away databases.
 */
export function administratorUrlOf(address: Address): string | null {
  if (address.kind === 'loopback') return null
  return `postgresql://postgres@localhost:${address.port}/postgres?host=${encodeURIComponent(address.folder)}`
}

/**
 * Returns the connection URL of a server, for libpq and compatible drivers. With a socket, `localhost` is a placeholder, because a URL with
 * a password needs a host.
 */
export function urlOf(address: Address, password: string): string {
  const user = `postgresql://${OWN_NAME}:${password}`
  switch (address.kind) {
    case 'socket':
      return `${user}@localhost:${address.port}/${OWN_NAME}?host=${encodeURIComponent(address.folder)}`
    case 'loopback':
      return `${user}@127.0.0.1:${address.port}/${OWN_NAME}`
    default:
      return unreachable(address)
  }
}
