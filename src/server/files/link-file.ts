/** Makes links to files that anybody may follow until they expire. */

import { invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { restBase } from '../../model/address/served.ts'
import type { EntityFile } from '../../model/files/file-fields.ts'
import type { Answer } from '../http/answer.ts'
import type { Stack } from '../run/stack.ts'
import type { FileRequest } from './file-request.ts'
import { findFile } from './find-file.ts'
import { filesOf } from './get-file.ts'

/** Seconds for which a link is good unless the caller says otherwise, and at most: a week. */
const SECONDS = 3_600
const MOST_SECONDS = 604_800

/** Makes a link to a file that the caller may read. @throws Failure `not_found`, `validation_failed`. */
export async function linkFile(stack: Stack, place: EntityFile, asked: FileRequest): Promise<Answer> {
  const { links } = filesOf(stack)
  if (links === null) throw new Error('a backend without keys has no links')
  const seconds = readSeconds(asked.body)
  const { key } = await findFile(stack, place, asked, 'caller')
  const expires = Math.floor(Date.now() / 1000) + seconds
  const { entity, field } = place
  const path = `${restBase(stack.model)}/${entity.path}/${encodeURIComponent(asked.request.parameters.id ?? '')}/${field.name}`
  const url = `${path}?expires=${expires}&signature=${links.sign({ key, expires })}`
  return { status: 200, headers: {}, body: JSON.stringify({ url, expiresAt: new Date(expires * 1000).toISOString() }) }
}

/** @throws Failure `validation_failed`. */
function readSeconds(body: unknown): number {
  if (body === undefined) return SECONDS
  if (!isObject(body)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const { expiresIn = SECONDS, ...others } = body as { readonly [member: string]: unknown }
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw invalid([{ pointer: `/${unknown.slice(0, 100)}`, rule: 'unknown', message: 'unknown member; expiresIn is known' }])
  if (!Number.isInteger(expiresIn) || Number(expiresIn) < 1 || Number(expiresIn) > MOST_SECONDS)
    throw invalid([{ pointer: '/expiresIn', rule: 'range', message: `must be a number of seconds from 1 to ${MOST_SECONDS}` }])
  return Number(expiresIn)
}
