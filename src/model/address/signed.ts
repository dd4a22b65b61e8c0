/** How requests to an address are signed, so that only another system can make them. */

/** The signature of requests. */
export interface Signed {
  /** The variable of the environment that holds the secrets. */
  readonly secret: string
  readonly scheme: SignatureScheme
}

/** `standard`: Standard Webhooks. `hmac`: a header with the HMAC of the body, as most other senders have it. */
export type SignatureScheme =
  | { readonly kind: 'standard'; readonly toleranceMs: number }
  | {
      readonly kind: 'hmac'
      /** The signatures, and what stands before each. */
      readonly header: HeaderValue
      readonly prefix: string
      readonly algorithm: 'sha256' | 'sha512'
      readonly encoding: 'hex' | 'base64'
      /** What is signed: a text with `{body}`, and `{timestamp}` and `{id}` for these values. */
      readonly content: string
      readonly id: MessageIdSource
      /** The seconds since 1970; null without a time. */
      readonly timestamp: HeaderValue | null
      readonly toleranceMs: number
    }

/** A header, in lower case, or with `member` the values of this name in a header with pairs: `t=1,v1=a,v1=b`. */
export interface HeaderValue {
  readonly header: string
  readonly member: string | null
}

/** What tells whether two messages are the same: a header (in lower case), a member of the JSON body, or all bytes of the body. */
export type MessageIdSource =
  | { readonly kind: 'header'; readonly header: string }
  | { readonly kind: 'member'; readonly path: readonly string[] }
  | { readonly kind: 'body' }

/** The headers of Standard Webhooks. */
const STANDARD_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

/** The headers that a scheme reads. */
export function signatureHeaderNames(scheme: SignatureScheme): readonly string[] {
  if (scheme.kind === 'standard') return STANDARD_HEADERS
  const { header, id, timestamp } = scheme
  const names = [header.header, ...(id.kind === 'header' ? [id.header] : []), ...(timestamp === null ? [] : [timestamp.header])]
  return [...new Set(names)]
}

/** Names the keys of a signature. The same variable holds other bytes for Standard Webhooks (base64) than for an HMAC (a text). */
export function signingKeysName({ secret, scheme }: Signed): string {
  return `${scheme.kind} ${secret}`
}
