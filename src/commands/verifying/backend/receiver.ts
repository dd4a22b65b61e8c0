/** A receiver on this machine, to which all addresses of a design's services lead while it is verified. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A running receiver. */
export interface Receiver {
  /** `http://127.0.0.1:4000` */
  readonly origin: string
  readonly close: () => Promise<void>
}

/** Opens a receiver on a free port of 127.0.0.1. It answers everything with 503, as a service that is not there. */
export async function openReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '60' }).end('{}')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
