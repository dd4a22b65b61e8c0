/** Makes an image smaller, within limits of memory and time. The image may be made to do harm. */

import type { Readable } from 'node:stream'
import type sharp from 'sharp'
import type { ImageSize } from '../../model/field-type.ts'
import { StorageError } from './storage.ts'

/** Pixels of an image: 50 million, of which four bytes each are in memory in the worst case. */
const MOST_PIXELS = 50_000_000
/** Bytes of an image; the design allows no more for images with sizes. */
const MOST_BYTES = 50 * 1024 ** 2
/** Milliseconds for reading an image from its storage: images wait for one another, so one that never ends would hold up all. */
const READ_MS = 30_000
/** Seconds for one image. */
const SECONDS = 10

/** The formats that are read, by the names of their loaders. All other code for formats is switched off. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].flatMap((format) =>
  ['File', 'Buffer', 'Source'].map((from) => `VipsForeignLoad${format}${from}`),
)

let loaded: Promise<typeof sharp> | null = null

/** Loads the package on first use. */
function load(): Promise<typeof sharp> {
  loaded ??= import('sharp').then(({ default: made }) => {
    made.cache(false)
    made.concurrency(1)
    made.block({ operation: ['VipsForeignLoad'] })
    made.unblock({ operation: LOADERS })
    return made
  })
  return loaded
}

/**
 * Reads an image and makes it smaller: upright, without metadata such as the place where it was taken, the first one of an animation, as
 * WebP. An image that is smaller already stays as large as it is.
 *
 * @param readMs milliseconds for reading all of the source
 * @returns null for what is no image, is damaged or cut off, has too many pixels, or takes too long.
 * @throws the error of the source; StorageError for a source that does not end in time.
 */
export async function makeSmaller(source: Readable, { width, height, fit }: ImageSize, readMs = READ_MS): Promise<Buffer | null> {
  const bytes = await readImage(source, readMs)
  if (bytes === null) return null
  const image = (await load())(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true })
  const sized = image
    .autoOrient()
    .resize({ ...(width === null ? {} : { width }), ...(height === null ? {} : { height }), fit, withoutEnlargement: true })
    .timeout({ seconds: SECONDS })
    .webp({ quality: 80 })
  return sized.toBuffer().catch(() => null)
}

/** The bytes of an image; null for more than are allowed. */
async function readImage(source: Readable, readMs: number): Promise<Buffer | null> {
  const timer = setTimeout(() => source.destroy(new StorageError(`an image was not read within ${readMs} ms`)), readMs)
  try {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of source) {
      length += (chunk as Buffer).length
      if (length > MOST_BYTES) return null
      chunks.push(chunk as Buffer)
    }
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(timer)
  }
}
