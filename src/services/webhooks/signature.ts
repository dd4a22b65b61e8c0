/** The signature of Standard Webhooks 1.0.0: HMAC-SHA256 (RFC 2104) over `id.timestamp.body`, in base64. */

import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
/** Bytes of a secret (section "Signature scheme"). */
const LEAST_BYTES = 24
const MOST_BYTES = 64
/** Secrets that may be valid at the same time. */
const MOST_SECRETS = 4

/** Why a text is no list of secrets, as the end of a sentence that begins with its name. */
export const SECRETS_PROBLEM = `is not a secret such as whsec_… (${LEAST_BYTES} to ${MOST_BYTES} bytes in base64), or several with spaces between them`

/** Reads secrets with spaces between them. Null for a text that is none. */
export function readSecrets(text: string): readonly Buffer[] | null {
  const secrets = text.trim().split(/\s+/).map(readSecret)
  const known = secrets.filter((secret) => secret !== null)
  return known.length === secrets.length && known.length <= MOST_SECRETS ? known : null
}

function readSecret(text: string): Buffer | null {
  const digits = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : ''
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(digits)) return null
  const bytes = Buffer.from(digits, 'base64')
  return bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES ? bytes : null
}

/** A message to sign. */
export interface SignedMessage {
  /** The same on each attempt. */
  readonly id: string
  /** Seconds since 1970, of this attempt. */
  readonly timestamp: number
  readonly body: string
}

/** The headers of a message, with a signature for each secret. */
export function signatureHeaders(secrets: readonly Buffer[], { id, timestamp, body }: SignedMessage): Readonly<Record<string, string>> {
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
}
