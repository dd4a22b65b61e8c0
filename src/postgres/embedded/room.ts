/** Room on the disk of the embedded server. */

import { statfs } from 'node:fs/promises'
import { EnvironmentError } from '../../base/environment-error.ts'

/** The required room in bytes: two segments of the write-ahead log. With less, the server would soon stop again. */
const LEAST_BYTES = 32 * 1024 * 1024

const NO_ROOM = /No space left on device|Disk quota exceeded/

/** Returns whether the disk of a folder has room for the server to run; true where the system does not say. */
export async function hasRoom(folder: string): Promise<boolean> {
  const stats = await statfs(folder).catch(() => undefined)
  return stats === undefined || stats.bavail * stats.bsize >= LEAST_BYTES
}

/** Returns whether something failed because a disk or a quota is full: an error of the file system, or the output of a program. */
export function isOutOfRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' || NO_ROOM.test(error.message)
}

/** The error of a start that fails for lack of room. */
export function outOfRoom(folder: string, cause: unknown): EnvironmentError {
  return new EnvironmentError(
    `the disk with ${folder} is full, so the embedded PostgreSQL does not start; what was committed is safe`,
    'Free some space on that disk, then start Plinth again.',
    { cause },
  )
}
