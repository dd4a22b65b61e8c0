/** The folders of unix sockets. */

import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { giveTo } from './account.ts'
import type { Place } from './place.ts'

/** The folder of the keeper's socket, which only Plinth's user may open, and the folder of the server's socket. */
export interface SocketFolders {
  readonly keeper: string
  readonly server: string
}

/** The number in the socket's file name. It need not be unique, because the folder is unique. */
export const SOCKET_PORT = 5432

/** The bytes of `sockaddr_un.sun_path` without its final NUL: 107 on Linux, 103 on BSD systems. */
const LIMIT = process.platform === 'linux' ? 107 : 103

/** Whether the operating system and libpq accept the path of a server socket in `base/run`. In libpq a comma separates hosts. */
export function fitsSocket(base: string): boolean {
  return Buffer.byteLength(join(base, 'run', `.s.PGSQL.${SOCKET_PORT}`)) <= LIMIT && !base.includes(',')
}

/**
 * Creates the folders for the sockets of a place: in its home, or in a short folder in /tmp if the path of the home is too long for a
 * socket. Returns undefined when neither works (on Windows, or when another user owns the folder in /tmp). The server then listens on
 * loopback.
 */
export async function socketFolders(place: Place): Promise<SocketFolders | undefined> {
  if (process.platform === 'win32') return undefined
  if (fitsSocket(place.home)) return { keeper: place.home, server: await serverFolder(place, place.home) }
  const short = `/tmp/plinth-${createHash('sha256').update(place.home).digest('hex').slice(0, 16)}`
  return (await claimShort(short)) ? { keeper: short, server: await serverFolder(place, short) } : undefined
}

async function serverFolder(place: Place, base: string): Promise<string> {
  const path = join(base, 'run')
  await mkdir(path, { recursive: true })
  await giveTo(place.accounts.server, path)
  await chmod(path, 0o700)
  return path
}

/**
 * Another user may have created a folder with this name in /tmp. An existing folder is used only if Plinth's user owns it and no other user
 * may write to it.
 */
async function claimShort(path: string): Promise<boolean> {
  const made = await mkdir(path).then(
    () => true,
    () => false,
  )
  if (made) await chmod(path, 0o711)
  const stats = await lstat(path).catch(() => undefined)
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0
}
