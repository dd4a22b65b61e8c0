import { DatabaseSync } from 'node:sqlite'
import { EnvironmentError } from '../../base/environment-error.ts'

/** Held until released or until the process ends, however it ends. */
export interface FolderLock {
  release(): void
}

const SQLITE_BUSY = 5
const PATIENCE_MS = 250

/**
 * Takes the exclusive lock on a file, or returns undefined when another process has it after a quarter of a second.
 * The lock is the operating system's (fcntl, LockFileEx), reached through SQLite because Node itself has no file locks: the kernel drops it
 * when the holder dies, and it holds between containers that share a volume, where process ids mean nothing.
 * Throws EnvironmentError when the file system has no locks.
 */
export function takeLock(path: string): FolderLock | undefined {
  const file = new DatabaseSync(path, { timeout: PATIENCE_MS })
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
