/** The client for which a call or a task runs. */

/** The client of a request. */
export interface Client {
  /**
   * Whether the client has disconnected. Queued calls of a disconnected client are dropped, and a statement that serves
   * only such clients is cancelled.
   */
  readonly gone: () => boolean
  /** The account, or the address of an anonymous caller. Calls with the same key share one caller's part of the connections. */
  readonly key: string
}
