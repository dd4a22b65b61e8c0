/**
 * A response of node:http whose head is given as one text. `writeHead` tests and joins each field anew, which costs more than all other
 * work of this process on a small answer; the fields of most answers differ only in a few values.
 */

import { ServerResponse, STATUS_CODES } from 'node:http'
import { TIMEOUTS } from '../connections.ts'

/** The fields that node:http adds to an answer on a connection that stays open, after the date. */
const KEPT_ALIVE = `\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${TIMEOUTS.keepAliveTimeout / 1000}\r\n\r\n`

/** A response that also takes the lines of its fields as text. For servers with `HTTP_OPTIONS`. */
export class WholeResponse extends ServerResponse {
  /** The head as node:http has made it, or null; it is sent with the first bytes of the body. */
  declare private _header: string | null

  /**
   * Writes the status and the fields of an answer that has a body with `content-length`, on a connection that stays open. The bytes are
   * those that `writeHead` would send.
   *
   * @param lines the fields: `name: value` and CRLF for each, tested by `linesOf`.
   */
  writeLines(status: number, lines: string): void {
    this.statusCode = status
    this._header = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${lines}Date: ${httpDate()}${KEPT_ALIVE}`
  }
}

let dated = 0
let date = ''

/** The present time as in a `Date` field (RFC 9110 section 5.6.7). */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dated) {
    dated = second
    date = new Date(second * 1000).toUTCString()
  }
  return date
}
