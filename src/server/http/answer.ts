/** The answer to a request, as data. REST and GraphQL send it with the same code. */

/** An HTTP response. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON text; null for none. */
  readonly body: string | null
}
