/** Answers requests for smaller copies of images. The file is found, and its rules are applied, before. */

import { failure } from '../../base/failure.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ImageSize } from '../../model/field-type.ts'
import type { EntityFile } from '../../model/files/file-fields.ts'
import { type NoSize, SIZE_TYPE } from '../../services/files/image-sizes.ts'
import type { Answer } from '../http/answer.ts'
import type { Files } from '../run/stack.ts'
import { noFile } from './find-file.ts'
import { storageFailure } from './stored.ts'

/** The size that a request names; null for none. @throws Failure `invalid_parameter` for a name that the field does not have. */
export function sizeNamed({ field }: EntityFile, name: string | null): ImageSize | null {
  if (name === null) return null
  const { sizes } = field.type
  const found = sizes.find((size) => size.name === name)
  if (found !== undefined) return found
  const known = sizes.length === 0 ? 'this file has no sizes' : `is none of ${sizes.map((size) => size.name).join(', ')}`
  throw failure('invalid_parameter', { name: 'size', why: known })
}

/** What a smaller copy is made of, and what its answer has. */
export interface SizedFile {
  readonly key: string
  readonly size: ImageSize
  /** The header fields of the answer, with its `etag`. */
  readonly headers: Readonly<Record<string, string>>
  readonly isHead: boolean
}

/** Sends a smaller copy of an image. @throws Failure `image_unusable`, `not_found`, `overloaded`, `file_storage_unavailable`. */
export async function getSize({ sizes }: Files, place: EntityFile, { key, size, headers, isHead }: SizedFile): Promise<Answer> {
  const found = await sizes.read(key, size).catch((error: unknown) => {
    throw storageFailure(error)
  })
  if (typeof found === 'string') throw refused(found, place)
  const answer = { status: 200, headers: { ...headers, 'content-type': SIZE_TYPE }, body: null }
  if (!isHead) return { ...answer, stream: found }
  found.destroy()
  return answer
}

function refused(why: NoSize, place: EntityFile) {
  switch (why) {
    case 'unusable':
      return failure('image_unusable', {})
    case 'gone':
      return noFile(place)
    case 'busy':
      return failure('overloaded', {}, 'too many images wait to be made smaller')
    default:
      return unreachable(why)
  }
}
