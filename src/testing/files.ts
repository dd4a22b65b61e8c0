/** A storage of files for one test, and the files of rows that a test inserts. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { sampleFile } from '../base/media/sample-file.ts'
import type { Run } from '../base/sql/statement.ts'
import { type EntityFile, hasFiles, uploadTarget } from '../model/files/file-fields.ts'
import type { Model } from '../model/model.ts'
import { openDiskStorage } from '../services/files/disk-storage.ts'
import { receiveFile } from '../services/files/receive.ts'
import type { FileStorage } from '../services/files/storage.ts'
import { timedChunks } from '../services/files/timed-chunks.ts'
import { endUpload, openUpload } from '../services/files/uploads.ts'

/** The storage of a test. */
export interface TemporaryFiles {
  readonly storage: FileStorage | null
  /** Another storage in the same folder. */
  readonly share: () => TemporaryFiles
  readonly remove: () => Promise<void>
}

/** A storage in a new folder, which `remove` deletes; no storage for a design without files. */
export async function temporaryFiles(model: Model): Promise<TemporaryFiles> {
  if (!hasFiles(model)) return NO_FILES
  const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  const share = (): TemporaryFiles => ({ storage: openDiskStorage(folder), share, remove: async () => {} })
  return { ...share(), remove: () => rm(folder, { recursive: true, force: true }) }
}

const NO_FILES: TemporaryFiles = { storage: null, share: () => NO_FILES, remove: async () => {} }

/** What stores files: the storage, and the database with their uploads. */
export interface Storing {
  readonly run: Run
  readonly storage: FileStorage
}

/**
 * Stores a small file of an accepted type for a row that is inserted next.
 *
 * @returns the ticket of its upload.
 * @throws Error for a field that accepts no such file.
 */
export async function storeSample({ run, storage }: Storing, place: EntityFile): Promise<string> {
  const target = uploadTarget(place)
  const { type } = place.field
  const sample = sampleFile(type)
  if (sample === null) throw new Error(`no sample file was found for ${target}; give the ticket of an upload`)
  // Each sample has an owner of its own, because one owner has a limited number of uploads.
  const upload = await openUpload(run, { target, owner: `sample ${crypto.randomUUID()}`, name: 'sample' }, 'open')
  if (upload === null) throw new Error('a new owner has no uploads')
  const { key, ticket } = upload
  const facts = await receiveFile(storage, { key, chunks: timedChunks(Readable.from([sample.bytes])), declared: sample.type, type })
  await endUpload(run, key, facts)
  return ticket
}
