/** Receives the bytes of a file: its type is found by the first ones, its size is counted and its hash computed while they are stored. */

import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { SAMPLE_BYTES } from '../../base/media/file-kinds.ts'
import { recognise } from '../../base/media/recognise.ts'
import type { FileType } from '../../model/field-type.ts'
import type { FileStorage } from './storage.ts'
import type { StoredFacts } from './uploads.ts'

/** Why a file is refused. */
export type FileRefusal = 'too-large' | 'wrong-type' | 'empty' | 'cut-off' | 'too-slow'

/** A file is refused while its bytes arrive. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused'
  readonly why: FileRefusal

  constructor(why: FileRefusal) {
    super(why)
    this.why = why
  }
}

/** A file that arrives. */
export interface Arriving {
  readonly key: string
  /** Its bytes. Its error is taken for a sender who disconnects. */
  readonly source: Readable
  /** The media type that the sender gives; null for none. */
  readonly declared: string | null
  readonly type: Pick<FileType, 'max' | 'accept'>
}

/** Milliseconds without a byte after which a sender is given up, and for the whole file. */
const IDLE_MS = 30_000
const WHOLE_MS = 3_000_000

/**
 * Stores a file. At most a few chunks are in memory, whatever its size.
 *
 * @throws FileRefused when the file is too large or of another type, or its sender stops; StorageError when the storage fails.
 */
export async function receiveFile(storage: FileStorage, { key, source, declared, type: { max, accept } }: Arriving): Promise<StoredFacts> {
  const chunks = arriving(source)
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
    // Ends the limits of time, which would keep the request of a refused file in memory.
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

/**
 * The chunks of a source, with limits of time. The source stays open when its reader ends early.
 *
 * @throws FileRefused when the sender disconnects or stops to send.
 */
async function* arriving(source: Readable): AsyncGenerator<Buffer> {
  let why: FileRefusal = 'cut-off'
  const stop = (): void => {
    why = 'too-slow'
    source.destroy(new Error('too slow'))
  }
  const whole = setTimeout(stop, WHOLE_MS).unref()
  let idle = setTimeout(stop, IDLE_MS).unref()
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      // While the storage writes, the sender waits and is not to blame.
      clearTimeout(idle)
      yield chunk as Buffer
      idle = setTimeout(stop, IDLE_MS).unref()
    }
  } catch (error) {
    throw error instanceof FileRefused ? error : new FileRefused(why)
  } finally {
    clearTimeout(idle)
    clearTimeout(whole)
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
    parts.push(chunk)
    length += chunk.length
  }
  return Buffer.concat(parts)
}
