/** What goes back to a client: data until the last moment, so that every door sends it the same way. */

/** An HTTP response. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON text; null for none. */
  readonly body: string | null
}
