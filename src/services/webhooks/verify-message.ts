/** Checks the signatures of messages that other systems send. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isExactNumber, parseJson } from '../../base/number/exact-json.ts'
import type { HeaderValue, SignatureScheme } from '../../model/address/signed.ts'

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
/** Pairs in one header that are looked at. */
const MOST_PAIRS = 20

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
  const { header, prefix, algorithm, encoding, id: source, timestamp: time, toleranceMs } = scheme
  const { headers, body, secrets, now } = message
  const given = valuesOf(headers, header)
  const [timestamp = '', ...times] = time === null ? [] : valuesOf(headers, time)
  const id = source.kind === 'header' ? textOf(headers, source.header) : ''
  if (given.length === 0) return missing(header)
  if (time !== null && (timestamp === '' || times.length > 0)) return missing(time)
  if (source.kind === 'header' && id === null) return missing({ header: source.header, member: null })
  if (time !== null && !isTimely(timestamp, { toleranceMs, now })) return wrong(`${nameOf(time)} is too far from the time of this server`)
  const digests = given.flatMap((text) => (text.startsWith(prefix) ? [Buffer.from(text.slice(prefix.length), encoding)] : []))
  const content = contentOf(scheme.content, { body, timestamp, id: id ?? '' })
  if (!isSigned(digests, { algorithm, content, secrets })) return wrong(`${nameOf(header)} does not fit the body`)
  return { ok: true, id: source.kind === 'header' ? (id ?? '') : idOfBody(body, source.kind === 'member' ? source.path : []) }
}

/** The values in a header: it as a whole, or those of the pairs with a name. */
function valuesOf(headers: IncomingHttpHeaders, { header, member }: HeaderValue): readonly string[] {
  const text = textOf(headers, header)
  if (text === null || member === null) return text === null ? [] : [text]
  const pairs = text.split(/[,;]/, MOST_PAIRS).map((pair) => pair.trim())
  return pairs.flatMap((pair) => (pair.startsWith(`${member}=`) && pair.length > member.length + 1 ? [pair.slice(member.length + 1)] : []))
}

function nameOf({ header, member }: HeaderValue): string {
  return member === null ? header : `${member} in ${header}`
}

function missing(value: HeaderValue): VerifiedMessage {
  return wrong(`the header ${value.header} is missing${value.member === null ? '' : `, or has not one ${value.member}`}`)
}

/**
 * The id at a path of a body whose signature is right. A body without one is told by its bytes. Numbers keep their digits: ids of 18 digits
 * that follow one another are the same number as doubles, and all but the first message would be taken for repetitions.
 */
function idOfBody(body: Buffer, path: readonly string[]): string {
  const hash = (): string => createHash('sha256').update(body).digest('hex')
  if (path.length === 0) return hash()
  try {
    let value: unknown = parseJson(body.toString('utf8'))
    for (const name of path) value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? value[name as never] : null
    const id = isExactNumber(value) ? value.rawJSON : typeof value === 'number' ? String(value) : value
    return typeof id === 'string' && id !== '' && id.length <= MOST_ID_CHARACTERS ? `id ${id}` : hash()
  } catch {
    return hash()
  }
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
function contentOf(
  content: string,
  { body, timestamp, id }: { readonly body: Buffer; readonly timestamp: string; readonly id: string },
): Buffer {
  const filled = (_: string, name: string): string => (name === 'id' ? id : timestamp)
  const parts = content.split('{body}').map((part) => Buffer.from(part.replace(/\{(id|timestamp)\}/g, filled)))
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
