/**
 * Smaller copies of images: made when somebody asks for one, one at a time, and then kept in the storage beside the image, with which they
 * are removed.
 */

import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { ImageSize } from '../../model/field-type.ts'
import { filePlaces } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import { makeSmaller } from './make-smaller.ts'
import type { FileStorage } from './storage.ts'

/** The media type of smaller copies. */
export const SIZE_TYPE = 'image/webp'

/** The most images that wait to be made smaller. A waiting image holds its request and no bytes. */
const MOST_WAITING = 64
/** Milliseconds for which an image that could not be made smaller is not tried again, and the most such images that are remembered. */
const REMEMBERED_MS = 600_000
const MOST_REMEMBERED = 10_000

/** Why there is no smaller copy: the image cannot be read, it is gone, or too many images wait. */
export type NoSize = 'unusable' | 'gone' | 'busy'

/** Gives smaller copies of images. */
export interface ImageSizes {
  /** The bytes of a copy. Requests that wait for the same copy share its making. @throws StorageError when the storage fails. */
  readonly read: (key: string, size: ImageSize) => Promise<Readable | NoSize>
}

/** What making copies needs. */
export interface SizesDeps {
  readonly storage: FileStorage
  /** Whether a row has the file of a key now. */
  readonly isUsed: (key: string) => Promise<boolean>
  readonly now: () => number
}

/** @throws EnvironmentError for a design with sizes where the package that makes them is not installed. */
export async function requireImages(model: Model): Promise<void> {
  if (!filePlaces(model).some(({ field }) => field.type.sizes.length > 0)) return
  try {
    await import('sharp')
  } catch (cause) {
    throw new EnvironmentError('the design has images in sizes, and the package sharp cannot be loaded', 'npm install sharp', { cause })
  }
}

/** Opens the smaller copies of the images in a storage. */
export function openImageSizes({ storage, isUsed, now }: SizesDeps): ImageSizes {
  const underWay = new Map<string, Promise<NoSize | null>>()
  const unusable = new Map<string, number>()
  let turn: Promise<unknown> = Promise.resolve()

  /** Makes a copy after those that were asked for earlier. */
  function make(key: string, form: string, size: ImageSize): Promise<NoSize | null> {
    const made = turn.then(async (): Promise<NoSize | null> => {
      const image = await storage.read({ key, form: 'file' }, null)
      if (image === null) return 'gone'
      const smaller = await makeSmaller(image, size)
      if (smaller === null) return 'unusable'
      await storage.write({ key, form }, once(smaller))
      // The sweep may have removed the file meanwhile, and does not look for its copies again.
      if (await isUsed(key)) return null
      await storage.remove(key)
      return 'gone'
    })
    turn = made.catch(() => {})
    return made
  }

  function remember(name: string): void {
    unusable.delete(name)
    unusable.set(name, now() + REMEMBERED_MS)
    const [oldest] = unusable.keys()
    if (unusable.size > MOST_REMEMBERED && oldest !== undefined) unusable.delete(oldest)
  }

  return {
    async read(key, size) {
      const form = formOf(size)
      const name = `${key}/${form}`
      if ((unusable.get(name) ?? 0) > now()) return 'unusable'
      const kept = await storage.read({ key, form }, null)
      if (kept !== null) return kept
      let making = underWay.get(name)
      if (making === undefined) {
        if (underWay.size >= MOST_WAITING) return 'busy'
        making = make(key, form, size).finally(() => underWay.delete(name))
        underWay.set(name, making)
      }
      const none = await making
      if (none === 'unusable') remember(name)
      return none ?? (await storage.read({ key, form }, null)) ?? 'gone'
    },
  }
}

/** The name of a copy in the storage (`form`). A size that the design changes has another name. */
function formOf({ name, width, height, fit }: ImageSize): string {
  const facts = createHash('sha256')
    .update(JSON.stringify([width, height, fit]))
    .digest('hex')
    .slice(0, 16)
  return `size-${name}-${facts}`
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
