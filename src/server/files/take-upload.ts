/** Receives the bytes of an upload into the storage, between the statements that open and end it. */

import { failure } from '../../base/failure.ts'
import { nameIn, safeName } from '../../base/media/file-name.ts'
import { type EntityFile, uploadTarget } from '../../model/files/file-fields.ts'
import type { Arriving } from '../../services/files/receive.ts'
import { receiveFile } from '../../services/files/receive.ts'
import { dropUpload, endUpload, openUpload, type StoredFacts, type Upload } from '../../services/files/uploads.ts'
import type { HttpRequest } from '../http/request.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { filesOf } from './get-file.ts'
import { refusalOf } from './stored.ts'

/** A file whose bytes are stored. A row gets it by the ticket. */
export interface Taken extends Upload, StoredFacts {}

/** The bytes of a file, and what their sender says about them. */
export type Sent = Pick<Arriving, 'source' | 'declared'>

/**
 * Receives a file for an upload that is open. After a refusal the next sweep removes what has been stored of it.
 *
 * @throws Failure when the file is refused, or the storage or the database fails.
 */
export async function takeUpload(stack: Stack, { field }: EntityFile, upload: Upload, sent: Sent): Promise<Taken> {
  const { storage } = filesOf(stack)
  // Not tied to the client, who may be gone when the upload is given up.
  const run = explained(stack.executor.run)
  try {
    const facts = await receiveFile(storage, { key: upload.key, type: field.type, ...sent })
    if (!(await endUpload(run, upload.key, facts))) throw failure('unknown_upload', {})
    return { ...upload, ...facts }
  } catch (error) {
    await dropUpload(run, upload.key).catch(() => {})
    throw refusalOf(error, field.type)
  }
}

/** Opens an upload for a caller and receives its file. @throws Failure `too_many_uploads`, and as `takeUpload`. */
export async function takeFile(
  stack: Stack,
  place: EntityFile,
  { owner, name, ...sent }: Sent & { readonly owner: string; readonly name: string },
): Promise<Taken> {
  const upload = await openUpload(explained(stack.executor.run), { target: uploadTarget(place), owner, name }, 'open')
  if (upload === null) throw failure('too_many_uploads', {})
  return takeUpload(stack, place, upload, sent)
}

/** Gives up a file that no row has taken. */
export async function giveUp(stack: Stack, { key }: Upload): Promise<void> {
  await dropUpload(explained(stack.executor.run), key).catch(() => {})
}

/** The body of a request as a file: its name from the query or the header `Content-Disposition`. */
export function sentBody({ raw, headers }: HttpRequest, given: string | null): Sent & { readonly name: string } {
  return {
    source: raw,
    declared: mediaTypeOf(headers['content-type']),
    name: safeName(given ?? nameIn(headers['content-disposition'] ?? null) ?? ''),
  }
}

/** A media type in lower case without parameters. */
export function mediaTypeOf(header: string | undefined): string | null {
  return header === undefined ? null : (header.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/** Refuses a body that is said to be too large, before any of it is read. @throws Failure `file_too_large`. */
export function requireRoom({ field }: EntityFile, { headers }: HttpRequest): void {
  const length = Number(headers['content-length'] ?? 0)
  if (length > field.type.max) throw failure('file_too_large', { limit: field.type.max })
}
