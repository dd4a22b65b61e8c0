/** Outgoing webhooks, after resolution. */

/** A receiver that the design names. */
export interface Webhook {
  readonly name: string
  /** The address, or the variable of the environment that holds it. */
  readonly url: { readonly kind: 'address'; readonly address: string } | { readonly kind: 'variable'; readonly variable: string }
  /** The variable of the environment that holds its secrets. */
  readonly secret: string
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number
}
