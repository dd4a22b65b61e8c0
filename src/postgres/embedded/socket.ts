import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { giveTo } from './account.ts'
import type { Place } from './place.ts'

/** Folders for unix sockets: the keeper's, which only Plinth's user may enter, and the server's. */
export interface SocketFolders {
  readonly keeper: string
  readonly server: string
}

/** The number in the socket's file name. It need not be unique: the folder is. */
export const SOCKET_PORT = 5432

/** What `sockaddr_un.sun_path` holds besides its final NUL: 107 bytes on Linux, 103 on the BSDs. */
const LIMIT = process.platform === 'linux' ? 107 : 103

/** Whether a server socket in `base/run` has a path that the operating system and libpq accept (a comma separates hosts in libpq). */
export function fitsSocket(base: string): boolean {
  return Buffer.byteLength(join(base, 'run', `.s.PGSQL.${SOCKET_PORT}`)) <= LIMIT && !base.includes(',')
}

/**
 * Makes the folders for the sockets of a place: in its home, or, if that path is too long for a socket, in a short folder of /tmp.
 * Returns undefined where neither works (Windows; a short name in /tmp that belongs to somebody else): then loopback has to do.
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

/** Anybody can make a folder of this name in /tmp first, so one that exists counts only if it is ours and closed to others' writing. */
async function claimShort(path: string): Promise<boolean> {
  const made = await mkdir(path).then(
    () => true,
    () => false,
  )
  if (made) await chmod(path, 0o711)
  const stats = await lstat(path).catch(() => undefined)
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0
}
