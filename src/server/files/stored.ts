/** Turns what goes wrong with files and their storage into failures. */

import type { Readable } from 'node:stream'
import { type Failure, failure } from '../../base/failure.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { FileType } from '../../model/field-type.ts'
import { FileRefused } from '../../services/files/file-refused.ts'
import { type ByteRange, StorageError, type StoredName } from '../../services/files/storage.ts'
import type { Files } from '../run/stack.ts'

/** The bytes of a stored file; null when there is none. @throws Failure `file_storage_unavailable`. */
export async function readStored({ storage }: Files, name: StoredName, range: ByteRange | null): Promise<Readable | null> {
  try {
    return await storage.read(name, range)
  } catch (error) {
    throw storageFailure(error)
  }
}

/** The failure for an error of the storage. Any other error is given back. */
export function storageFailure(error: unknown): unknown {
  if (!(error instanceof StorageError)) return error
  return error.full ? failure('storage_full', {}, error.message) : failure('file_storage_unavailable', {}, error.message)
}

/** The failure for a file that is refused while it arrives. Any other error is given back. */
export function refusalOf(error: unknown, type: FileType): unknown {
  return error instanceof FileRefused ? refused(error, type) : storageFailure(error)
}

function refused({ why }: FileRefused, { max, accept }: FileType): Failure {
  switch (why) {
    case 'too-large':
      return failure('file_too_large', { limit: max })
    case 'wrong-type':
      return failure('file_type_refused', { types: (accept ?? []).join(', ') })
    case 'empty':
      return failure('empty_file', {})
    case 'cut-off':
      return failure('client_gone', {}, 'an upload ended early')
    case 'too-slow':
      return failure('upload_too_slow', {})
    default:
      return unreachable(why)
  }
}
