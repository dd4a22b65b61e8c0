/** Outgoing webhooks, after resolution. */

/** Receivers of messages: one that the design names, or those that users subscribe. */
export type Webhook = FixedWebhook | SubscribedWebhook

interface WebhookBase {
  readonly name: string
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number
}

/** A receiver that the design names. */
export interface FixedWebhook extends WebhookBase {
  readonly kind: 'fixed'
  /** The address, or the variable of the environment that holds it. */
  readonly url: { readonly kind: 'address'; readonly address: string } | { readonly kind: 'variable'; readonly variable: string }
  /** The variable of the environment that holds its secrets. */
  readonly secret: string
}

/** Receivers that are rows of an entity. A subscription gets what its account may read. */
export interface SubscribedWebhook extends WebhookBase {
  readonly kind: 'subscribed'
  readonly entity: string
  /** The names of its fields. `account` refers to the account to which a subscription belongs; `previousSecret` is null for none. */
  readonly fields: {
    readonly account: string
    readonly url: string
    readonly secret: string
    readonly previousSecret: string | null
    readonly events: string
    readonly active: string
  }
}
