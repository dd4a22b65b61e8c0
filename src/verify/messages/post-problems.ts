/** What is wrong with a message to a webhook, after Standard Webhooks and the reference of webhooks. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Entity } from '../../model/model.ts'
import type { ReceivedPost } from '../cases/message-case.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'

/** Seconds by which the time of a message may differ. */
const TOLERANCE = 300

/** The body of a message. */
export interface PostBody {
  readonly type?: unknown
  readonly data?: Readonly<Record<string, unknown>>
}

/** What a message must be. */
export interface ExpectedPost {
  readonly key: Buffer
  readonly design: WrittenDesign
  readonly entity: Entity
  /** The fields that the reaction names; null for those that everybody may read. */
  readonly fields: readonly string[] | null
  /** The row as it is known to be at the event; null where it may have changed since. */
  readonly row: PlainRow | null
}

/** The body of a message; empty for one that is no JSON object. */
export function messageBody({ body }: ReceivedPost): PostBody {
  try {
    const read: unknown = JSON.parse(body)
    return typeof read === 'object' && read !== null ? read : {}
  } catch {
    return {}
  }
}

/** What is wrong; null if nothing is. */
export function postProblem(post: ReceivedPost, expected: ExpectedPost): string | null {
  return signatureProblem(post, expected.key) ?? dataProblem(messageBody(post).data ?? {}, expected)
}

function signatureProblem({ headers, body, method }: ReceivedPost, key: Buffer): string | null {
  const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': given = '' } = headers
  if (method !== 'POST') return `the method is ${method}`
  if (id === '') return 'the message has no webhook-id'
  if (!/^\d+$/.test(time) || Math.abs(Number(time) - Date.now() / 1_000) > TOLERANCE) return 'the webhook-timestamp is not the present time'
  const right = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest()
  const signatures = given.split(' ').map((one) => Buffer.from(one.replace(/^v1,/, ''), 'base64'))
  const isRight = signatures.some((one) => one.length === right.length && timingSafeEqual(one, right))
  return isRight ? null : 'the message has no signature with the secret of the receiver'
}

function dataProblem(data: Readonly<Record<string, unknown>>, { design, entity, fields, row }: ExpectedPost): string | null {
  const names = Object.keys(data)
  const allowed = fields ?? openFields(design, entity)
  const extra = names.find((name) => !allowed.includes(name))
  if (extra !== undefined)
    return `the message has the field ${extra}, which ${fields === null ? 'not everybody may read' : 'the reaction does not name'}`
  const missing = (fields ?? ['id']).find((name) => !names.includes(name))
  if (missing !== undefined) return `the message has no field ${missing}`
  if (row === null) return null
  const other = names.find((name) => isComparable(entity, name) && !isDeepStrictEqual(data[name] ?? null, row[name] ?? null))
  return other === undefined
    ? null
    : `${other} is ${JSON.stringify(data[other])} in the message, and ${JSON.stringify(row[other])} in the row`
}

/** The fields without a rule of their own that are not private, and those that the backend keeps. */
function openFields(design: WrittenDesign, entity: Entity): readonly string[] {
  const written = design.entities[entity.name]?.fields ?? {}
  return entity.fields.flatMap(({ name }) => {
    const own = written[name] as { readonly read?: string; readonly private?: boolean; readonly type: string } | undefined
    const isOpen = own === undefined || (own.read === undefined && own.private !== true && !['password', 'token'].includes(own.type))
    return isOpen ? [name] : []
  })
}

/** Values of some types are read from the tables in another form. */
function isComparable({ fields }: Entity, name: string): boolean {
  const type = fields.find((field) => field.name === name)?.type
  return (
    type?.kind === 'ref' ||
    type?.kind === 'choice' ||
    (type?.kind === 'scalar' && ['text', 'email', 'url', 'uuid', 'boolean', 'integer'].includes(type.scalar))
  )
}
