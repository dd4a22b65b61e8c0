/** For whom a call or a task runs. */

/** The client of a request. */
export interface Client {
  /**
   * Whether the client has disconnected. Queued calls of a disconnected client are dropped, and a statement that serves
   * only such clients is cancelled.
   */
  readonly gone: () => boolean
  /** Who asks: an account, or an address for anonymous callers. Calls with one key share one caller's part of the connections. */
  readonly key: string
}
