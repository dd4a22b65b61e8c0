/** Locks between processes. */

import { DatabaseSync } from 'node:sqlite'
import { EnvironmentError } from '../../base/environment-error.ts'

/** A lock that the process holds until it releases the lock or ends for any reason. */
export interface FolderLock {
  release(): void
}

const SQLITE_BUSY = 5
const WAIT_MS = 250

/**
 * Takes an exclusive lock on a file. Returns undefined when another process still holds it after 250 ms. It is a lock of the operating
 * system (fcntl, LockFileEx), taken through SQLite because Node has no file locks. The kernel releases it when the process dies. It works
 * between containers that share a volume; process ids do not.
 *
 * @throws EnvironmentError when the file system has no locks.
 */
export function takeLock(path: string): FolderLock | undefined {
  const file = new DatabaseSync(path, { timeout: WAIT_MS })
  try {
    file.exec('BEGIN EXCLUSIVE')
    return { release: () => file.close() }
  } catch (error) {
    file.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw new EnvironmentError(
      `cannot lock ${path}: ${(error as Error).message}`,
      'Move the project to a local file system, or set DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    )
  }
}
