/** Receives the bytes of an upload into the storage, between the statements that open and end it. */

import { failure } from '../../base/failure.ts'
import { nameIn, safeName } from '../../base/media/file-name.ts'
import { type EntityFile, uploadTarget } from '../../model/files/file-fields.ts'
import type { Arriving } from '../../services/files/receive.ts'
import { receiveFile } from '../../services/files/receive.ts'
import { timedChunks } from '../../services/files/timed-chunks.ts'
import { dropUpload, endUpload, openUpload, type StoredFacts, type Upload } from '../../services/files/uploads.ts'
import type { HttpRequest } from '../http/request.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { boundaryOf, FORM_BYTES, openFormFile } from './form-file.ts'
import { filesOf } from './get-file.ts'
import { refusalOf } from './stored.ts'

/** A file whose bytes are stored. A row gets it by the ticket. */
export interface Taken extends Upload, StoredFacts {}

/** The bytes of a file, and what their sender says about them. */
type Sent = Pick<Arriving, 'chunks' | 'declared'>

/**
 * Receives a file for an upload that is open. After a refusal the next sweep removes what has been stored of it.
 *
 * @throws Failure when the file is refused, or the storage or the database fails.
 */
async function takeUpload(stack: Stack, { field }: EntityFile, upload: Upload, sent: Sent): Promise<Taken> {
  const { storage } = filesOf(stack)
  // Not tied to the client, who may be gone when the upload is given up.
  const run = explained(stack.executor.run)
  try {
    const facts = await receiveFile(storage, { key: upload.key, type: field.type, ...sent })
    if (!(await endUpload(run, upload.key, facts))) {
      // The sweep ended the upload before its last byte came.
      await storage.remove(upload.key)
      throw failure('unknown_upload', {})
    }
    return { ...upload, ...facts }
  } catch (error) {
    await dropUpload(run, upload.key).catch(() => {})
    throw error
  }
}

/** What a request sends, and who sends it. */
export interface Sending {
  readonly request: HttpRequest
  /** The caller, or the address of an anonymous one. */
  readonly sender: string
  /** The name in the query; null for none. */
  readonly name: string | null
}

/** Opens an upload for a file, or finds the one that waits for it. @param named the name that the sender gives; empty for none */
export type Begin = (named: string) => Promise<Upload>

/**
 * Receives the file of a request, for the upload that `begin` gives.
 *
 * @throws Failure `partial_upload`, `encoded_upload`, `file_too_large`, `uploads_at_once`, `overloaded`; those of `begin`; and when the
 *   file is refused, or the storage or the database fails.
 */
export async function takeFile(stack: Stack, place: EntityFile, { request, sender, name }: Sending, begin: Begin): Promise<Taken> {
  requireWhole(request)
  requireRoom(place, request)
  const { places } = filesOf(stack)
  const leave = places.take(sender)
  if (leave === 'of-sender') throw failure('uploads_at_once', {})
  if (leave === 'of-all') throw failure('overloaded', {}, 'too many files arrive at once')
  const chunks = timedChunks(request.raw, { leastRate: places.leastRate })
  try {
    const { name: given, ...sent } = await sentFile(request, chunks)
    const named = name ?? given
    return await takeUpload(stack, place, await begin(named === null ? '' : safeName(named)), sent)
  } catch (error) {
    throw refusalOf(error, place.field.type)
  } finally {
    await chunks.return(undefined)
    leave()
  }
}

/** Opens an upload whose bytes come at once. @throws Failure `too_many_uploads`. */
export async function openOwn(
  stack: Stack,
  place: EntityFile,
  { owner, name }: { readonly owner: string; readonly name: string },
): Promise<Upload> {
  const upload = await openUpload(explained(stack.executor.run), { target: uploadTarget(place), owner, name: name || 'file' }, 'open')
  if (upload === null) throw failure('too_many_uploads', {})
  return upload
}

/** Gives up a file that no row has taken. */
export async function giveUp(stack: Stack, { key }: Upload): Promise<void> {
  await dropUpload(explained(stack.executor.run), key).catch(() => {})
}

/** The file that a request sends, as its body or in a form, and its name; null for none. @throws Failure `malformed_form`. */
async function sentFile({ headers }: HttpRequest, chunks: AsyncGenerator<Buffer>): Promise<Sent & { readonly name: string | null }> {
  const boundary = boundaryOf(headers['content-type'])
  if (boundary === null)
    return { chunks, declared: mediaTypeOf(headers['content-type']), name: nameIn(headers['content-disposition'] ?? null) }
  const { name, declared, bytes } = await openFormFile(chunks, boundary)
  return { chunks: bytes, declared, name }
}

/** A media type in lower case without parameters. */
function mediaTypeOf(header: string | undefined): string | null {
  return header === undefined ? null : (header.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/** A part of a file is not the file (RFC 9110, section 14.5), and neither is a compressed one. @throws Failure. */
function requireWhole({ headers }: HttpRequest): void {
  if (headers['content-range'] !== undefined) throw failure('partial_upload', {})
  if ((headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity') throw failure('encoded_upload', {})
}

/** Refuses a body that is said to be too large, before any of it is read. @throws Failure `file_too_large`. */
function requireRoom({ field }: EntityFile, { headers }: HttpRequest): void {
  const length = Number(headers['content-length'] ?? 0)
  const more = boundaryOf(headers['content-type']) === null ? 0 : FORM_BYTES
  if (length > field.type.max + more) throw failure('file_too_large', { limit: field.type.max })
}
