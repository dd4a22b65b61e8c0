/** The setting that says where files are. */

import { join, resolve } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { hasFiles } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import type { FileStorage } from './storage.ts'

/** The problem of a value, as the end of a sentence that begins with its name; null for a valid one. */
export function filesProblem(text: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'is not a folder'
  return text.trim() === '' ? 'is empty' : null
}

/** What decides about the storage. */
export interface StorageChoice {
  /** The setting; null for none. */
  readonly setting: string | null
  /** Its name, for errors. */
  readonly named: string
  readonly mode: 'development' | 'production'
  /** The folder that a relative path starts from. */
  readonly cwd: string
  /** The folder of the project's state, in which files are in development. */
  readonly state: string
}

/**
 * Opens and checks the storage of the files of a design; null for a design without files. The code of a storage is loaded only here.
 *
 * @throws EnvironmentError for a storage that cannot be used, and in production when a design has files and there is no setting.
 */
export async function openStorage(model: Model, { setting, named, mode, cwd, state }: StorageChoice): Promise<FileStorage | null> {
  if (!hasFiles(model)) return null
  if (setting === null && mode === 'production')
    throw new EnvironmentError(`${named} is not set, and the design has files`, 'set the folder in which files are stored')
  const problem = setting === null ? null : filesProblem(setting)
  if (problem !== null) throw new EnvironmentError(`${named} ${problem}`, 'set the folder in which files are stored')
  const { openDiskStorage } = await import('./disk-storage.ts')
  const storage = openDiskStorage(setting === null ? join(state, 'files') : resolve(cwd, setting))
  await storage.check()
  return storage
}
