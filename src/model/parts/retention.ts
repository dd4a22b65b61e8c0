/** How long rows are kept. */

/** Rows are deleted when they are older. */
export interface Retention {
  /** In milliseconds since the row was created. */
  readonly afterMs: number
  /** The hours of the day (UTC) in which rows are deleted, the last one excluded; null for all. */
  readonly hours: { readonly from: number; readonly to: number } | null
}
