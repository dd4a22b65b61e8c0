/** Cancels a statement that runs on another connection (PostgreSQL documentation 53.2.8, "Canceling Requests in Progress"). */

import { connect } from 'node:net'

/** The connection whose statement is cancelled: the address of the server, and the process id and secret key from the server. */
export interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly processID: number
  readonly secretKey: number
}

const CANCEL_REQUEST = 80_877_102
const TIMEOUT_MS = 3_000

/**
 * Asks the server to cancel the running statement of a connection. The statement then fails with SQLSTATE 57014, unless it has already
 * ended. Resolves when the server has read the request, so that the next statement of the connection is not cancelled. Never rejects: if
 * the request does not arrive, the statement runs until its timeout.
 */
export function requestCancel({ host, port, processID, secretKey }: CancelTarget): Promise<void> {
  const message = Buffer.alloc(16)
  for (const [i, word] of [16, CANCEL_REQUEST, processID, secretKey].entries()) message.writeInt32BE(word, i * 4)
  return new Promise((resolve) => {
    const socket = host.startsWith('/') ? connect({ path: `${host}/.s.PGSQL.${port}` }) : connect({ host, port })
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy())
    // The server answers by closing the connection.
    socket.on('error', () => {}).on('close', () => resolve())
    socket.end(message)
    socket.resume()
  })
}
