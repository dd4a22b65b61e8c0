/** A backend that breaks connections: what the client of verify makes of it. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { answeredAnyway, openHttpClient } from '../../../src/commands/verifying/backend/http-client.ts'
import { NO_ANSWER } from '../../../src/verify/expected/answered.ts'

/** What a server says before it breaks the connection, and what the reason for no answer is then. */
const BROKEN = [
  { said: '', reason: /hang up|ECONNRESET/ },
  { said: 'HTTP/1.1 206 Partial Content\r\ncontent-length: 100\r\n\r\nten bytes..', reason: /aborted|ECONNRESET/ },
  { said: 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n', reason: /Parse Error/ },
]

for (const { said, reason } of BROKEN)
  test(`a connection that ends after ${JSON.stringify(said)} is an answer without a status`, async (t) => {
    const server = createServer((socket) => socket.once('data', () => socket.end(said)).on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const client = openHttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'Bearer')
    t.after(client.close)
    const { status, text } = await answeredAnyway(client, { method: 'GET', url: '/', token: null })
    assert.equal(status, NO_ANSWER)
    assert.match(text, reason)
  })
