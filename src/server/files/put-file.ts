/** Gives a row its file, or takes it away: an ordinary update of one field. */

import { failure } from '../../base/failure.ts'
import { viewOf } from '../../compile/rules/view.ts'
import { readHeld } from '../../compile/statements/row-columns.ts'
import { heldRowStatement } from '../../compile/statements/write/held-row.ts'
import type { EntityFile } from '../../model/files/file-fields.ts'
import type { Answer } from '../http/answer.ts'
import { EVERYTHING, type UpdateIntent } from '../plan/intent.ts'
import { planWrite } from '../plan/plan.ts'
import { denied } from '../plan/planning.ts'
import { prepareAsked } from '../rest/perform.ts'
import { readVersions } from '../rest/rest-intent.ts'
import { explainWeakTags } from '../rest/weak-tags.ts'
import { explained } from '../run/database-failure.ts'
import { stackForRequest } from '../run/for-client.ts'
import type { Stack } from '../run/stack.ts'
import { performOnce } from '../write/idempotent.ts'
import { readUploadQuery } from './file-query.ts'
import type { FileRequest } from './file-request.ts'
import { noFile, ownerOf } from './find-file.ts'
import { giveUp, openOwn, takeFile } from './take-upload.ts'

/** A ticket of no upload, with which the update is planned before there is one. */
const NO_TICKET = `upload_${'0'.repeat(43)}`

/**
 * Stores the body as the file of a row, and answers with the row. What the rules say about the row is judged before the body is read, and
 * again by the statement that writes, for the caller as it is then: a file may take most of an hour.
 *
 * @throws Failure when the rules refuse the update, the session of the caller ends meanwhile, the file is refused, or the storage fails.
 */
export async function putFile(stack: Stack, place: EntityFile, asked: FileRequest): Promise<Answer> {
  const { request, caller } = asked
  const { name } = readUploadQuery(asked.query)
  requireSettable(stack, place, asked)
  await judgeBefore(stack, intentOf(place, asked, NO_TICKET), asked)
  const owner = ownerOf(stack, request, caller)
  const taken = await takeFile(stack, place, { request, sender: owner, name }, (named) => openOwn(stack, place, { owner, name: named }))
  try {
    const now = (await stack.identity?.callerNow(caller)) ?? caller
    return await update(stack, intentOf(place, asked, taken.ticket), { ...asked, caller: now })
  } catch (error) {
    await giveUp(stack, taken)
    throw error
  }
}

/** Takes the file of a row away. @throws Failure when the rules refuse the update. */
export async function deleteFile(stack: Stack, place: EntityFile, asked: FileRequest): Promise<Answer> {
  requireSettable(stack, place, asked)
  await update(stack, intentOf(place, asked, null), asked)
  return { status: 204, headers: {}, body: null }
}

function intentOf({ entity, field }: EntityFile, { request }: FileRequest, value: string | null): UpdateIntent {
  return {
    kind: 'update',
    entity,
    id: request.parameters.id ?? '',
    mode: 'patch',
    body: { [field.name]: value },
    versions: readVersions(ifMatchOf(request)),
    selection: EVERYTHING,
    returning: 'row',
  }
}

/** @throws Failure `forbidden` for a field that the caller can never set, `not_found` for one that the caller cannot know of. */
function requireSettable({ context }: Stack, place: EntityFile, { caller }: FileRequest): void {
  const { entity, field } = place
  const view = viewOf(context.viewFor(caller).view, entity.name)
  if (view.writable.has(field.name)) return
  throw view.readable.has(field.name) ? denied(context, entity, 'update', field.name) : noFile(place)
}

/**
 * Judges what is known before the file: whether the caller may read and change the row, and its version.
 *
 * @throws Failure `not_found`, `forbidden`, `not_signed_in`, `stale_version`, `weak_etag`.
 */
async function judgeBefore(stack: Stack, intent: UpdateIntent, { request, caller }: FileRequest): Promise<void> {
  const { entity } = intent
  const { plan, calls } = planWrite(stack.context, caller, intent)
  if (plan.kind !== 'update') throw new Error('an update is planned as one')
  const { run } = stackForRequest(stack, request, caller).executor
  const [row] = await explained(run)(heldRowStatement(stack.model, plan), calls[0] ?? {})
  const held = row === undefined ? null : readHeld(row)
  if (held === null || !held.readable) throw failure('not_found', { entity: entity.name })
  if (!held.allowed) throw denied(stack.context, entity, 'update')
  if (!held.fresh) throw explainWeakTags(failure('stale_version', { entity: entity.name }), ifMatchOf(request))
}

function update(stack: Stack, intent: UpdateIntent, { request, caller }: FileRequest): Promise<Answer> {
  const own = stackForRequest(stack, request, caller)
  const framing = { url: request.url, ifNoneMatch: null, ifMatch: ifMatchOf(request) }
  return Promise.resolve(performOnce(own, null, { prepare: () => prepareAsked(own, { caller, intent, framing }), withinMs: null }))
}

function ifMatchOf({ headers }: FileRequest['request']): string | null {
  return headers['if-match'] ?? null
}
