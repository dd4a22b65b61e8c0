/** Messages between the first process of `plinth serve --workers` and its workers. */

/** What a worker is asked. */
export type ToWorker =
  /** Another worker has taken its place: finish and end. */
  { readonly kind: 'retire' } | { readonly kind: 'show-metrics'; readonly id: number }

/** What a worker says. */
export type FromWorker =
  /** It accepts requests. */
  { readonly kind: 'ready'; readonly url: string } | { readonly kind: 'metrics'; readonly id: number; readonly body: string }
