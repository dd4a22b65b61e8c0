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
      /** The header with the signature, in lower case, and what stands before it. */
      readonly header: string
      readonly prefix: string
      readonly algorithm: 'sha256' | 'sha512'
      readonly encoding: 'hex' | 'base64'
      /** What is signed: a text with `{body}`, and `{timestamp}` for the value of that header. */
      readonly content: string
      /** The header with the id of a message, in lower case; null: messages with the same body are the same. */
      readonly id: string | null
      /** The header with the seconds since 1970, in lower case; null without one. */
      readonly timestamp: string | null
      readonly toleranceMs: number
    }

/** The headers of Standard Webhooks. */
export const STANDARD_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

/** The headers that a scheme reads. */
export function signatureHeaderNames(scheme: SignatureScheme): readonly string[] {
  if (scheme.kind === 'standard') return STANDARD_HEADERS
  return [scheme.header, scheme.id, scheme.timestamp].filter((name) => name !== null)
}

/** Names the keys of a signature. The same variable holds other bytes for Standard Webhooks (base64) than for an HMAC (a text). */
export function signingKeysName({ secret, scheme }: Signed): string {
  return `${scheme.kind} ${secret}`
}
