/**
 * Time limits of bodies for a server that also receives files. Node has one limit for all requests, so it is as long as a file may take,
 * and this limit applies to every other body.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { TIMEOUTS } from '../connections.ts'

/** Milliseconds for a request with a file. An upload has shorter limits of its own. */
export const FILE_REQUEST_MS = 3_600_000

/** Ends the connection of a request whose body does not arrive within the usual time. */
export function limitBody(request: IncomingMessage): void {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = request.headers
  if (length === '0' && coding === undefined) return
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, TIMEOUTS.requestTimeout)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
}

/** Milliseconds in which a client takes no byte of a file, or the storage gives none, after which the answer is given up. */
const SILENT_MS = 60_000

/** Ends the connection of an answer with a file when nothing of it moves. Otherwise clients who do not read would keep files open. */
export function limitSilence(response: ServerResponse, silentMs = SILENT_MS): void {
  response.setTimeout(silentMs, () => response.destroy())
}

/** Milliseconds in which a client can read the answer to a file that it still sends. */
const LEAVE_MS = 2_000

/**
 * Leaves the rest of a body that is not needed, because the request has its answer. What arrives is thrown away for a moment, so that the
 * client reads the answer before the connection ends (RFC 9112, section 9.6).
 */
export function leaveBody(request: IncomingMessage): void {
  const timer = setTimeout(() => request.destroy(), LEAVE_MS).unref()
  request.once('close', () => clearTimeout(timer))
  request.resume()
}
