import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import test from 'node:test'
import { limitSilence } from './long-bodies.ts'

const CHUNK = Buffer.alloc(65_536)

test('an answer whose client reads nothing is given up, and one that moves is not', async (t) => {
  const ended: Promise<'whole' | 'given up'>[] = []
  const server = createServer((request, response) => {
    limitSilence(response, 300)
    const chunks = Array.from({ length: request.url === '/slow' ? 500 : 5 }, () => CHUNK)
    ended.push(
      pipeline(Readable.from(chunks), response).then(
        () => 'whole',
        () => 'given up',
      ),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const answerAt = async (path: string): Promise<IncomingMessage> => {
    const sending = get({ port: (server.address() as AddressInfo).port, path, agent: false })
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    return response
  }
  const read = await answerAt('/read')
  let bytes = 0
  for await (const chunk of read) {
    bytes += (chunk as Buffer).length
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.deepEqual([bytes, await ended[0]], [5 * CHUNK.length, 'whole'])
  await answerAt('/slow')
  assert.equal(await ended[1], 'given up')
})
