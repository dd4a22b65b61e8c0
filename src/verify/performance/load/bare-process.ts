/** A server that only answers the same bytes with `node:http`: what this machine can do at most, in this minute. It ends with verify. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

process.once('message', ({ body, type }: { readonly body: string; readonly type: string }) => {
  const bytes = Buffer.from(body)
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes)
  })
  process.on('disconnect', () => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
