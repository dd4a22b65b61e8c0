/** Stopping a statement that runs on another connection (PostgreSQL documentation 53.2.8, "Canceling Requests in Progress"). */

import { connect } from 'node:net'

/** The connection whose statement is to stop: where its server is, and what the server has given it to prove that the request is its own. */
export interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly processID: number
  readonly secretKey: number
}

const CANCEL_REQUEST = 80_877_102
const TIMEOUT_MS = 3_000

/**
 * Asks the server to stop what the connection is running; the statement then fails with SQLSTATE 57014, unless it was done already. Resolves when the
 * server has taken notice, so that what the connection runs next is safe. Never rejects: a request that does not arrive leaves the statement to its timeout.
 */
export function requestCancel({ host, port, processID, secretKey }: CancelTarget): Promise<void> {
  const message = Buffer.alloc(16)
  for (const [i, word] of [16, CANCEL_REQUEST, processID, secretKey].entries()) message.writeInt32BE(word, i * 4)
  return new Promise((resolve) => {
    const socket = host.startsWith('/') ? connect({ path: `${host}/.s.PGSQL.${port}` }) : connect({ host, port })
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy())
    // The server answers by hanging up.
    socket.on('error', () => {}).on('close', () => resolve())
    socket.end(message)
    socket.resume()
  })
}
