/** Reads the client of a queued call: whether it is still connected, and the error with which the call ends. */

import { failure } from '../../base/failure.ts'
import type { QueuedCall } from './call-queue.ts'
import type { Client } from './client.ts'

/** Ends a call with an error. */
export function refuse(call: QueuedCall, error: unknown): void {
  call.done({ ok: false, error })
}

/** Whether the client of a call is still connected; otherwise refuses the call. */
export function hasClient(call: QueuedCall): boolean {
  if (call.client?.gone() !== true) return true
  refuse(call, failure('client_gone', {}))
  return false
}

/** The key of the caller of all these calls; null when they belong to several callers or to the server itself. */
export function onlyCaller([first, ...rest]: readonly QueuedCall[]): string | null {
  const key = first?.client?.key
  return key === undefined || rest.some(({ client }) => client?.key !== key) ? null : key
}

/** Returns a function that says whether the clients of all calls have disconnected; undefined when a call has no client. */
export function allClientsGone(batch: readonly QueuedCall[]): (() => boolean) | undefined {
  if (batch.some((call) => call.client === undefined)) return undefined
  return () => batch.every((call) => call.client?.gone() === true)
}

/** Replaces an error by `client_gone` when the client has disconnected, because the disconnection caused the error. */
export function reasonOf(error: unknown, client: Client | undefined): unknown {
  return client?.gone() ? failure('client_gone', {}) : error
}
