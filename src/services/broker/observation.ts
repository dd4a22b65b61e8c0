/** What the connection to a broker reports to operators. It contains no credentials and no content of a message. */

/** An observation of a broker. */
export type BrokerObservation =
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected'; readonly error: string }
  /** The broker stores no messages now; they wait. */
  | { readonly kind: 'publishing-failed'; readonly error: string }
  /** A subscription cannot be received now, and is tried again. */
  | { readonly kind: 'receiving-failed'; readonly subscription: string; readonly error: string }
  /** A message became a dead job, because nothing can be done with it. */
  | { readonly kind: 'message-refused'; readonly subscription: string; readonly error: string }
