/** Signatures of messages as other systems make them, and the usual forgeries. Written from the documents, not with the checking code. */

import { createHmac } from 'node:crypto'
import type { SignatureScheme } from '../../../model/address/signed.ts'

/** What is signed. */
export interface Message {
  readonly body: string
  /** The value of the header with the id; not used where a scheme has none. */
  readonly id: string
  /** Seconds since 1970 as a text; not used where a scheme has none. */
  readonly time: string
}

/** The headers of a request. */
export type Headers = Readonly<Record<string, string>>

/** Headers with a forged signature for the body of a message. */
export interface Forgery {
  readonly goal: string
  readonly headers: Headers
}

/** How a message is signed, and with what. */
export interface Signer {
  readonly scheme: SignatureScheme
  /** The value of the variable that holds the secret. */
  readonly secret: string
}

/** A minute more than the scheme allows. */
const BEYOND_MS = 60_000

/** The headers of a message with a right signature. */
export function signedHeaders(signer: Signer, message: Message): Headers {
  return headersWith(signer.scheme, message, digestOf(signer, message))
}

/** The forgeries of a message that are possible in a scheme. @param now milliseconds since 1970 */
export function forgeriesOf(signer: Signer, message: Message, now: number): readonly Forgery[] {
  const { scheme } = signer
  const right = digestOf(signer, message)
  const bare = unsignedHeaders(scheme, message)
  const given = (goal: string, digest: Buffer): Forgery => ({ goal, headers: headersWith(scheme, message, digest) })
  const other = (changed: Partial<Message>): Buffer => digestOf(signer, { ...message, ...changed })
  const signedAt = (goal: string, time: string): Forgery => ({ goal, headers: signedHeaders(signer, { ...message, time }) })
  const seconds = (ms: number): string => String(Math.floor(ms / 1_000))
  const away = scheme.toleranceMs + BEYOND_MS
  const all: readonly (Forgery | null)[] = [
    { goal: 'missing', headers: bare },
    { goal: 'empty', headers: { ...bare, [signatureHeaderOf(scheme)]: '' } },
    given('empty-digest', Buffer.alloc(0)),
    given('first-byte', right.subarray(0, 1)),
    given('cut', right.subarray(0, -1)),
    given('half', right.subarray(0, right.length / 2)),
    given('bytes-after', Buffer.concat([right, Buffer.alloc(1)])),
    given('doubled', Buffer.concat([right, right])),
    given('zeros', Buffer.alloc(right.length)),
    given('last-bit', Buffer.from(right.map((byte, i) => (i === right.length - 1 ? byte ^ 1 : byte)))),
    given('other-body', other({ body: `${message.body} ` })),
    given('other-secret', digestOf({ scheme, secret: otherSecret(signer.secret) }, message)),
    given('empty-secret', digestOf({ scheme, secret: '' }, message)),
    { goal: 'other-name', headers: headersWith(otherName(scheme), message, right) },
    hasId(scheme) ? given('other-id', other({ id: `${message.id}x` })) : null,
    ...(hasTime(scheme)
      ? [
          given('other-time', other({ time: seconds(now - 1_000) })),
          signedAt('old', seconds(now - away)),
          signedAt('future', seconds(now + away)),
          signedAt('no-number', 'NaN'),
          signedAt('milliseconds', String(now)),
        ]
      : []),
  ]
  return all.filter((one) => one !== null)
}

/** Whether the id of a message is signed. */
function hasId(scheme: SignatureScheme): boolean {
  return scheme.kind === 'standard' || (scheme.id.kind === 'header' && scheme.content.includes('{id}'))
}

/** Whether the time of a message is signed. */
function hasTime(scheme: SignatureScheme): boolean {
  return scheme.kind === 'standard' || (scheme.timestamp !== null && scheme.content.includes('{timestamp}'))
}

/** The scheme with another version or prefix before the signature. */
function otherName(scheme: SignatureScheme): SignatureScheme {
  const plain = { kind: 'hmac', algorithm: 'sha256', encoding: 'base64', id: { kind: 'header', header: 'webhook-id' } } as const
  const timestamp = { header: 'webhook-timestamp', member: null }
  const header = { header: 'webhook-signature', member: null }
  if (scheme.kind === 'standard') return { ...plain, header, prefix: 'v0,', timestamp, content: '', toleranceMs: scheme.toleranceMs }
  return { ...scheme, prefix: `x${scheme.prefix}` }
}

function otherSecret(secret: string): string {
  const at = secret.length - 8
  return `${secret.slice(0, at)}${secret[at] === 'A' ? 'B' : 'A'}${secret.slice(at + 1)}`
}

function digestOf({ scheme, secret }: Signer, { body, id, time }: Message): Buffer {
  if (scheme.kind === 'standard') {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return createHmac('sha256', key).update(`${id}.${time}.${body}`).digest()
  }
  const values: Readonly<Record<string, string>> = { body, id, timestamp: time }
  const content = scheme.content.replace(/\{(body|id|timestamp)\}/g, (_, name: string) => values[name] ?? '')
  return createHmac(scheme.algorithm, secret).update(content).digest()
}

/** The header in which the signature is. */
function signatureHeaderOf(scheme: SignatureScheme): string {
  return scheme.kind === 'standard' ? 'webhook-signature' : scheme.header.header
}

/** The id and the time, without a signature. */
function unsignedHeaders(scheme: SignatureScheme, { id, time }: Message): Headers {
  if (scheme.kind === 'standard') return { 'webhook-id': id, 'webhook-timestamp': time }
  const { timestamp } = scheme
  return {
    ...(scheme.id.kind === 'header' ? { [scheme.id.header]: id } : {}),
    ...(timestamp === null ? {} : { [timestamp.header]: timestamp.member === null ? time : `${timestamp.member}=${time}` }),
  }
}

function headersWith(scheme: SignatureScheme, message: Message, digest: Buffer): Headers {
  const bare = unsignedHeaders(scheme, message)
  if (scheme.kind === 'standard') return { ...bare, 'webhook-signature': `v1,${digest.toString('base64')}` }
  const { header, member } = scheme.header
  const value = `${scheme.prefix}${digest.toString(scheme.encoding)}`
  const pair = member === null ? value : `${member}=${value}`
  return { ...bare, [header]: member === null || bare[header] === undefined ? pair : `${bare[header]},${pair}` }
}
