/** Checks the signatures of messages that other systems send. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { SignatureScheme } from '../../model/address/signed.ts'

/** A message to check. */
export interface GivenMessage {
  readonly headers: IncomingHttpHeaders
  /** The bytes as they were sent. */
  readonly body: Buffer
  /** The keys of the sender; without any, no signature is right. */
  readonly secrets: readonly Buffer[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The id of a message with a right signature, or what is wrong with it. */
export type VerifiedMessage = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly problem: string }

/** Signatures in one header, and characters of an id, that are looked at. */
const MOST_SIGNATURES = 10
const MOST_ID_CHARACTERS = 255

/** Checks a message. The time of the comparison does not depend on the signature. */
export function verifyMessage(scheme: SignatureScheme, message: GivenMessage): VerifiedMessage {
  return scheme.kind === 'standard' ? verifyStandard(scheme, message) : verifyHmac(scheme, message)
}

function verifyStandard({ toleranceMs }: Extract<SignatureScheme, { kind: 'standard' }>, message: GivenMessage): VerifiedMessage {
  const { headers, body, secrets, now } = message
  const id = textOf(headers, 'webhook-id')
  const timestamp = textOf(headers, 'webhook-timestamp')
  const signatures = textOf(headers, 'webhook-signature')
  if (id === null || timestamp === null || signatures === null)
    return wrong('webhook-id, webhook-timestamp or webhook-signature is missing')
  if (!isTimely(timestamp, { toleranceMs, now })) return wrong('webhook-timestamp is too far from the time of this server')
  const given = signatures.split(' ').slice(0, MOST_SIGNATURES)
  const digests = given.flatMap((text) => (text.startsWith('v1,') ? [Buffer.from(text.slice(3), 'base64')] : []))
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
  return isSigned(digests, { algorithm: 'sha256', content, secrets }) ? { ok: true, id } : wrong('webhook-signature does not fit the body')
}

function verifyHmac(scheme: Extract<SignatureScheme, { kind: 'hmac' }>, message: GivenMessage): VerifiedMessage {
  const { header, prefix, algorithm, encoding, id: idHeader, timestamp: timeHeader, toleranceMs } = scheme
  const { headers, body, secrets, now } = message
  const given = textOf(headers, header)
  const timestamp = timeHeader === null ? '' : textOf(headers, timeHeader)
  const id = idHeader === null ? createHash('sha256').update(body).digest('hex') : textOf(headers, idHeader)
  const missing = given === null ? header : timestamp === null ? timeHeader : id === null ? idHeader : null
  if (given === null || timestamp === null || id === null) return wrong(`the header ${missing} is missing`)
  if (timeHeader !== null && !isTimely(timestamp, { toleranceMs, now }))
    return wrong(`${timeHeader} is too far from the time of this server`)
  const text = given.startsWith(prefix) ? given.slice(prefix.length) : ''
  const content = contentOf(scheme.content, { body, timestamp })
  const isRight = isSigned([Buffer.from(text, encoding)], { algorithm, content, secrets })
  return isRight ? { ok: true, id } : wrong(`${header} does not fit the body`)
}

interface Signing {
  readonly algorithm: 'sha256' | 'sha512'
  readonly content: Buffer
  readonly secrets: readonly Buffer[]
}

/** Whether one of the digests is that of one of the secrets. All of them are compared. */
function isSigned(digests: readonly Buffer[], { algorithm, content, secrets }: Signing): boolean {
  let isRight = false
  for (const secret of secrets) {
    const expected = createHmac(algorithm, secret).update(content).digest()
    for (const digest of digests) isRight = (digest.length === expected.length && timingSafeEqual(digest, expected)) || isRight
  }
  return isRight
}

/** What is signed. The body stays as bytes, because it need not be UTF-8. */
function contentOf(content: string, { body, timestamp }: { readonly body: Buffer; readonly timestamp: string }): Buffer {
  const parts = content.split('{body}').map((part) => Buffer.from(part.replaceAll('{timestamp}', timestamp)))
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [body, part])))
}

/** Whether seconds since 1970 are near the time of this process, in the past and in the future. */
function isTimely(timestamp: string, { toleranceMs, now }: { readonly toleranceMs: number; readonly now: number }): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Number(timestamp) * 1_000 - now) <= toleranceMs
}

/** A header that is there once; null for a missing or very long one. */
function textOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' && value !== '' && (name !== 'webhook-id' || value.length <= MOST_ID_CHARACTERS) ? value : null
}

function wrong(problem: string): VerifiedMessage {
  return { ok: false, problem }
}
