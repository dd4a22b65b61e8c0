/** A storage of files for one test. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasFiles } from '../model/files/file-fields.ts'
import type { Model } from '../model/model.ts'
import { openDiskStorage } from '../services/files/disk-storage.ts'
import type { FileStorage } from '../services/files/storage.ts'

/** A storage in a new folder, and what removes the folder; no storage for a design without files. */
export async function temporaryFiles(
  model: Model,
): Promise<{ readonly storage: FileStorage | null; readonly remove: () => Promise<void> }> {
  if (!hasFiles(model)) return { storage: null, remove: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  return { storage: openDiskStorage(folder), remove: () => rm(folder, { recursive: true, force: true }) }
}
