/** Opens what a backend with files needs, and removes the bytes of files that no row has any more. */

import type { Run } from '../base/sql/statement.ts'
import { hasFiles } from '../model/files/file-fields.ts'
import type { Model } from '../model/model.ts'
import { openFileLinks } from '../services/files/file-links.ts'
import { openImageSizes } from '../services/files/image-sizes.ts'
import type { FileStorage } from '../services/files/storage.ts'
import { sweepFiles } from '../services/files/sweep.ts'
import { openUploadPlaces } from '../services/files/upload-places.ts'
import { isFileUsed } from '../services/files/uploads.ts'
import type { SigningKeys } from '../services/identity/tokens/keys.ts'
import type { Observe } from './http/observe.ts'
import type { Files } from './run/stack.ts'

const SWEEP_MS = 60_000

/** What removing files needs. */
export interface FileSweep {
  readonly run: Run
  readonly observe: Observe
}

/** What `openFiles` needs. */
export interface FilesParts {
  readonly storage: FileStorage | null | undefined
  readonly keys: SigningKeys | null
  readonly run: Run
}

/** What the handlers of files use; null for a design without files. @throws Error for a design with files and no storage. */
export function openFiles(model: Model, { storage, keys, run }: FilesParts): Files | null {
  if (!hasFiles(model)) return null
  if (storage === null || storage === undefined) throw new Error('a design with files needs a storage')
  return {
    storage,
    places: openUploadPlaces(),
    sizes: openImageSizes({ storage, isUsed: (key) => isFileUsed(run, key), now: Date.now }),
    links: model.identity === null || keys === null ? null : openFileLinks(keys),
  }
}

/**
 * Starts to remove files every minute, if there are any; does not keep the process alive. What fails is tried again later.
 *
 * @returns a function that stops it, after the files that are being removed.
 */
export function startSweepingFiles(files: Files | null, { run, observe }: FileSweep): () => Promise<void> {
  if (files === null) return async () => {}
  const { storage } = files
  let stopped = false
  let underWay: Promise<void> | null = null
  const sweep = async (): Promise<void> => {
    try {
      while (!stopped && (await sweepFiles(run, storage)) > 0);
    } catch (error) {
      observe({ kind: 'sweep-failed', service: 'files', note: String(error) })
    }
  }
  const begin = (): void => {
    underWay ??= sweep().finally(() => {
      underWay = null
    })
  }
  const sweeping = setInterval(begin, SWEEP_MS).unref()
  return async () => {
    stopped = true
    clearInterval(sweeping)
    await underWay
  }
}
