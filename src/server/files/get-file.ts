/** Answers requests for files: whole, in part, only if changed, by the caller's own rights or by a link. */

import { Failure, failure } from '../../base/failure.ts'
import { FILE_KINDS } from '../../base/media/file-kinds.ts'
import { contentDisposition } from '../../base/media/file-name.ts'
import type { ImageSize } from '../../model/field-type.ts'
import type { EntityFile } from '../../model/files/file-fields.ts'
import { SIZE_TYPE } from '../../services/files/image-sizes.ts'
import type { Answer } from '../http/answer.ts'
import type { Files, Stack } from '../run/stack.ts'
import { readRange } from './byte-range.ts'
import { type LinkQuery, readFileQuery } from './file-query.ts'
import type { FileRequest } from './file-request.ts'
import { findFile, type KeptFile, noFile } from './find-file.ts'
import { getSize, sizeNamed } from './get-size.ts'
import { readStored } from './stored.ts'

/** Sends the file of a row. @throws Failure `not_found`, `invalid_link`, `range_not_satisfiable`, `file_storage_unavailable`. */
export async function getFile(stack: Stack, place: EntityFile, asked: FileRequest): Promise<Answer> {
  const files = filesOf(stack)
  const { link, saved, size: sizeName } = readFileQuery(asked.query)
  const size = sizeNamed(place, sizeName)
  const file = link === null ? await findFile(stack, place, asked, 'caller') : await linkedFile(stack, place, asked, link)
  const headers = headersOf(file, { saved, byLink: link !== null, size })
  const tag = headers.etag ?? ''
  const { headers: sent, method } = asked.request
  if (sent['if-none-match'] !== undefined && matches(sent['if-none-match'], tag)) return { status: 304, headers, body: null }
  if (size !== null) return getSize(files, place, { key: file.key, size, headers, isHead: method === 'HEAD' })
  // A part of another version would not fit the part that the client has.
  const ifRange = sent['if-range']
  const range = readRange(ifRange !== undefined && ifRange !== tag ? null : (sent.range ?? null), file.size)
  if (range === 'none') {
    const refused = stack.answerFailure(failure('range_not_satisfiable', { size: file.size }), asked.request)
    return { ...refused, headers: { ...refused.headers, 'content-range': `bytes */${file.size}` } }
  }
  const part = range === 'whole' ? null : range
  const length = part === null ? file.size : part.last - part.first + 1
  const own = {
    ...headers,
    'content-type': mediaType(file.type),
    'content-length': String(length),
    ...(part === null ? {} : { 'content-range': `bytes ${part.first}-${part.last}/${file.size}` }),
  }
  const status = part === null ? 200 : 206
  if (method === 'HEAD') return { status, headers: own, body: null }
  const stream = await readStored(files, { key: file.key, form: 'file' }, part)
  if (stream === null) throw noFile(place)
  return { status, headers: own, body: null, stream }
}

/** What handlers of files use. @throws Error for a backend without files (a defect). */
export function filesOf({ files }: Stack): Files {
  if (files === null) throw new Error('the backend has no storage of files')
  return files
}

/**
 * The file of a link.
 *
 * @throws Failure `invalid_link` for a link that was changed, is too old, or is about another file or none. It is the same for all, so that
 * a made-up link does not say whether a row has a file.
 */
async function linkedFile(stack: Stack, place: EntityFile, asked: FileRequest, { expires, signature }: LinkQuery): Promise<KeptFile> {
  const { links } = filesOf(stack)
  const file = await findFile(stack, place, asked, 'nobody').catch((error: unknown) => {
    throw error instanceof Failure && error.code === 'not_found' ? failure('invalid_link', {}) : error
  })
  const isValid = expires * 1000 >= Date.now() && links?.verify({ key: file.key, expires }, signature) === true
  if (!isValid) throw failure('invalid_link', {})
  return file
}

/** Types of text are read as UTF-8, which their content has shown. */
function mediaType(type: string): string {
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type
}

interface Sending {
  /** Whether the client saves the file, whatever its type. */
  readonly saved: boolean
  readonly byLink: boolean
  /** The smaller copy that is sent; null for the file as it was sent. */
  readonly size: ImageSize | null
}

/**
 * The headers of a file. Only images are shown by browsers, all other files are saved, and neither can run a script or be taken for another
 * type. A cache asks again each time, because the rights of the caller may have changed.
 */
function headersOf({ name, type, sha256 }: KeptFile, { saved, byLink, size }: Sending): Readonly<Record<string, string>> {
  const isShown = !saved && FILE_KINDS.get(size === null ? type : SIZE_TYPE)?.shown === 'image'
  const tag = sha256.slice(0, 32)
  return {
    // The tag of a smaller copy also has its measures, which the design may change.
    ...(size === null
      ? { etag: `"${tag}"`, 'accept-ranges': 'bytes' }
      : { etag: `"${tag}-${size.width ?? ''}x${size.height ?? ''}-${size.fit}"` }),
    'cache-control': 'private, no-cache',
    'content-disposition': contentDisposition(isShown ? 'inline' : 'attachment', size === null ? name : nameOfCopy(name, size)),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    // A page of another origin may show a picture by its link; it cannot read it without CORS.
    'cross-origin-resource-policy': byLink ? 'cross-origin' : 'same-site',
  }
}

/** `cat.jpeg` in the size `thumb` is `cat-thumb.webp`. */
function nameOfCopy(name: string, size: ImageSize): string {
  return `${name.replace(/\.[A-Za-z0-9]{1,5}$/, '')}-${size.name}.webp`
}

/** If-None-Match compares weakly (RFC 9110, section 13.1.2). */
function matches(header: string, tag: string): boolean {
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}
