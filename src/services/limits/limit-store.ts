/** Where the instances of a backend count together. */

/** What a key has used in its window, by all instances. */
export interface SharedUse {
  readonly used: number
  /** Milliseconds until the window ends. */
  readonly leftMs: number
}

/** A store that all instances share. */
export interface LimitStore {
  /** For logs: `redis` or `postgres`. */
  readonly name: string
  /**
   * Adds to what a key has used and gives the sum. A key without a window begins one.
   *
   * @throws when the store does not answer in time.
   */
  readonly add: (key: string, points: number) => Promise<SharedUse>
  readonly close: () => void
}

/** How long the window of a key lasts. */
export const LIMIT_WINDOW_MS = 60_000

/** What a store reports. */
export type LimitsObservation =
  /** Each instance now counts alone, with half of each limit. */
  | { readonly kind: 'store-lost'; readonly store: string; readonly note: string }
  | { readonly kind: 'store-back'; readonly store: string; readonly lostMs: number }
