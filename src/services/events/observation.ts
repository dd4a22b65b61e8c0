/** What the engine of events reports to operators. It never contains a value of a row. */

/** An observation of the engine. `error` may be the message of code of the design. */
export type EventsObservation =
  | {
      readonly kind: 'reaction-failed' | 'gave-up'
      readonly reaction: string
      /** The id of the event. */
      readonly event: string
      /** The entity and the id of the row. */
      readonly row: string
      readonly attempt: number
      readonly error: string
    }
  /** The engine itself cannot work, and tries again. */
  | { readonly kind: 'engine-failed'; readonly error: string }
  /** No process runs the reactions of the design, so its events wait and their log grows. */
  | { readonly kind: 'no-reader' }
