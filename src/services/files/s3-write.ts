/** Stores an object of unknown size, with one part of it in memory. */

import type { S3Calls, SentPart } from './s3-calls.ts'

/** Bytes of a part. S3 takes 10,000 parts, so an object has at most 58 GB; all but the last part have at least 5 MB. */
const PART_BYTES = 6 * 1024 ** 2
/** Bytes that are allocated for the first bytes of an object. */
const FIRST_BYTES = 64 * 1024

/**
 * Stores the bytes of a source: a small object in one request, a larger one in parts, one after another. While a part is sent, nothing is
 * taken from the source. The object can be read after the last request, and not before.
 *
 * @throws the error of the source, after which no part is left; StorageError when the storage fails.
 */
export async function writeObject(calls: S3Calls, name: string, source: AsyncIterable<Buffer>): Promise<void> {
  const part = openPart()
  const sent: SentPart[] = []
  let upload: string | null = null
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        at += part.add(chunk, at)
        if (!part.isFull()) continue
        upload ??= await calls.begin(name)
        sent.push(await calls.sendPart(name, upload, { number: sent.length + 1, bytes: part.bytes() }))
        part.clear()
      }
    }
    if (upload === null) return await calls.put(name, part.bytes())
    if (part.bytes().length > 0) sent.push(await calls.sendPart(name, upload, { number: sent.length + 1, bytes: part.bytes() }))
    await calls.complete(name, upload, sent)
  } catch (error) {
    // If this fails, the sweep removes the parts.
    if (upload !== null) await calls.abort(name, upload).catch(() => {})
    throw error
  }
}

interface Part {
  /** Copies bytes of a chunk from an offset on. @returns how many. */
  readonly add: (chunk: Buffer, at: number) => number
  readonly isFull: () => boolean
  /** What was added; it changes with the next `add`. */
  readonly bytes: () => Buffer
  readonly clear: () => void
}

/** A buffer that grows to the size of a part and is used for all parts of an object. */
function openPart(): Part {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  let length = 0
  return {
    add(chunk, at) {
      const taken = Math.min(chunk.length - at, PART_BYTES - length)
      if (length + taken > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, Math.max(2 * buffer.length, length + taken)))
        buffer.copy(larger, 0, 0, length)
        buffer = larger
      }
      chunk.copy(buffer, length, at, at + taken)
      length += taken
      return taken
    },
    isFull: () => length === PART_BYTES,
    bytes: () => buffer.subarray(0, length),
    clear() {
      length = 0
    },
  }
}
