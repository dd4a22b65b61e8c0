/** Uploads by ticket: one request asks for a ticket, a second one sends the bytes, and a create or a change names the ticket. */

import { failure, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { safeName } from '../../base/media/file-name.ts'
import type { Run } from '../../base/sql/statement.ts'
import { viewOf } from '../../compile/rules/view.ts'
import { restBase } from '../../model/address/served.ts'
import { type Caller, isKnown } from '../../model/caller.ts'
import { type EntityFile, uploadTarget } from '../../model/files/file-fields.ts'
import { isNever } from '../../model/predicate.ts'
import { beginUpload, openUpload } from '../../services/files/uploads.ts'
import type { Answer } from '../http/answer.ts'
import { denied } from '../plan/planning.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { readUploadQuery } from './file-query.ts'
import type { FileRequest } from './file-request.ts'
import { noFile, ownerOf } from './find-file.ts'
import { takeFile } from './take-upload.ts'

/** Gives a caller a ticket, if there is a row that the caller could give a file. @throws Failure `forbidden`, `too_many_uploads`. */
export async function openTicket(stack: Stack, place: EntityFile, { request, caller, body }: FileRequest): Promise<Answer> {
  const told = await openTicketFor(stack, place, { caller, owner: ownerOf(stack, request, caller), run: stack.executor.run, asked: body })
  return { status: 201, headers: { location: told.url }, body: JSON.stringify(told) }
}

/** A ticket, and where its bytes are sent. */
export interface Ticket {
  readonly ticket: string
  readonly url: string
  readonly method: 'PUT'
  /** RFC 3339. */
  readonly expiresAt: string
  readonly maxBytes: number
}

/** Who asks for a ticket, and what is said about the file. */
export interface TicketRequest {
  readonly caller: Caller
  /** The caller, or the address of an anonymous one. */
  readonly owner: string
  /** For the statement; that of the transaction in which the ticket is opened. */
  readonly run: Run
  /** An object with `name` and `size`, or undefined. */
  readonly asked: unknown
}

/** Opens an upload whose bytes come later. @throws Failure `forbidden`, `validation_failed`, `file_too_large`, `too_many_uploads`. */
export async function openTicketFor(stack: Stack, place: EntityFile, { caller, owner, run, asked }: TicketRequest): Promise<Ticket> {
  const { entity, field } = place
  requireUse(stack, place, caller)
  const { name, size } = readUploadRequest(asked)
  if (size !== null && size > field.type.max) throw failure('file_too_large', { limit: field.type.max })
  const upload = await openUpload(explained(run), { target: uploadTarget(place), owner, name }, 'awaited')
  if (upload === null) throw failure('too_many_uploads', {})
  const url = `${restBase(stack.model)}/${entity.path}/${field.name}/uploads/${upload.ticket}`
  return { ticket: upload.ticket, url, method: 'PUT', expiresAt: upload.until, maxBytes: field.type.max }
}

/** Receives the bytes for a ticket. @throws Failure `unknown_upload`, and when the file is refused. */
export async function sendUpload(stack: Stack, place: EntityFile, { request, caller, query }: FileRequest): Promise<Answer> {
  const ticket = request.parameters.ticket ?? ''
  const sending = { request, sender: ownerOf(stack, request, caller), name: readUploadQuery(query).name }
  const { name, size, type } = await takeFile(stack, place, sending, async (named) => {
    const upload = await beginUpload(explained(stack.executor.run), { ticket, target: uploadTarget(place), name: named })
    if (upload === null) throw failure('unknown_upload', {})
    return upload
  })
  return { status: 200, headers: {}, body: JSON.stringify({ ticket, name, size, type }) }
}

/** @throws Failure for a caller who can neither create a row with a file nor give one to a row. */
function requireUse({ context, model }: Stack, place: EntityFile, caller: FileRequest['caller']): void {
  const { entity, field } = place
  const view = viewOf(context.viewFor(caller).view, entity.name)
  const isSettable = view.writable.has(field.name)
  if (isSettable && !(isNever(view.create) && isNever(view.updateFrom))) return
  if (!isSettable && !view.readable.has(field.name)) throw noFile(place)
  if (!isKnown(caller) && model.identity !== null) throw failure('not_signed_in', {})
  throw isSettable ? denied(context, entity, 'update') : denied(context, entity, 'update', field.name)
}

/** Reads what the caller says about the file. @throws Failure `validation_failed`. */
function readUploadRequest(body: unknown): { readonly name: string; readonly size: number | null } {
  if (body === undefined) return { name: 'file', size: null }
  if (!isObject(body)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const { name, size, ...others } = body as { readonly [member: string]: unknown }
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw invalid([{ pointer: `/${unknown.slice(0, 100)}`, rule: 'unknown', message: 'unknown member; name and size are known' }])
  if (name !== undefined && typeof name !== 'string') throw invalid([{ pointer: '/name', rule: 'type', message: 'must be a text' }])
  if (size !== undefined && (!Number.isSafeInteger(size) || Number(size) < 0))
    throw invalid([{ pointer: '/size', rule: 'type', message: 'must be a number of bytes' }])
  return { name: safeName(name ?? ''), size: size === undefined ? null : Number(size) }
}
