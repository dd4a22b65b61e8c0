/** What the sender of webhooks reports to operators. It never contains a body, a secret or the path of an address. */

/** An observation of the sender. */
export type WebhookObservation =
  /** An attempt failed. `pauseMs` is the time until the next one; null when the message is given up. */
  | {
      readonly kind: 'attempt-failed'
      readonly webhook: string
      readonly delivery: string
      readonly attempt: number
      readonly status: number | null
      readonly error: string
      readonly pauseMs: number | null
    }
  /** A statement of the sender failed. It is tried again. */
  | { readonly kind: 'trouble'; readonly error: string }
