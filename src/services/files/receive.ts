/** Receives the bytes of a file: its type is found by the first ones, its size is counted and its hash computed while they are stored. */

import { createHash } from 'node:crypto'
import { SAMPLE_BYTES } from '../../base/media/file-kinds.ts'
import { recognise } from '../../base/media/recognise.ts'
import type { FileType } from '../../model/field-type.ts'
import { FileRefused } from './file-refused.ts'
import type { FileStorage } from './storage.ts'
import type { StoredFacts } from './uploads.ts'

/** A file that arrives. */
export interface Arriving {
  readonly key: string
  /** Its bytes; ended here in any case. */
  readonly chunks: AsyncGenerator<Buffer>
  /** The media type that the sender gives; null for none. */
  readonly declared: string | null
  readonly type: Pick<FileType, 'max' | 'accept'>
}

/**
 * Stores a file. At most a few chunks are in memory, whatever its size.
 *
 * @throws FileRefused when the file is too large or of another type; the error of the chunks; StorageError when the storage fails.
 */
export async function receiveFile(storage: FileStorage, { key, chunks, declared, type: { max, accept } }: Arriving): Promise<StoredFacts> {
  const hash = createHash('sha256')
  let size = 0
  try {
    const first = await firstBytes(chunks)
    if (first.length === 0) throw new FileRefused('empty')
    if (first.length > max) throw new FileRefused('too-large')
    const type = recognise({ sample: first.subarray(0, SAMPLE_BYTES), declared, accept })
    if (type === null) throw new FileRefused('wrong-type')
    await storage.write({ key, form: 'file' }, counted(first))
    return { size, type, sha256: hash.digest('hex') }
  } finally {
    await chunks.return(undefined)
  }

  async function* counted(first: Buffer): AsyncGenerator<Buffer> {
    for (let chunk: Buffer | null = first; chunk !== null; chunk = await nextOf(chunks)) {
      size += chunk.length
      if (size > max) throw new FileRefused('too-large')
      hash.update(chunk)
      yield chunk
    }
  }
}

async function nextOf(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
  const { done, value } = await chunks.next()
  return done === true ? null : value
}

/** The first bytes, as many as tell the type; fewer if the file is shorter. */
async function firstBytes(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  while (length < SAMPLE_BYTES) {
    const chunk = await nextOf(chunks)
    if (chunk === null) break
    // A chunk may be freed when the next one is asked for.
    parts.push(Buffer.from(chunk))
    length += chunk.length
  }
  return Buffer.concat(parts)
}
