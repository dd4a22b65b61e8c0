import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { inChunks } from './send-chunks.ts'

const CHUNK_BYTES = 65_536

/** Chunks that differ, each with its memory alone. */
function chunksOf(count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) => Buffer.allocUnsafeSlow(CHUNK_BYTES).fill(n + 1))
}

/** The answer of a server that does this with each response. */
async function answerOf(t: TestContext, answer: (response: ServerResponse) => void): Promise<IncomingMessage> {
  const server = createServer((_request, response) => answer(response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const sending = get({ port: (server.address() as AddressInfo).port, agent: false })
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  return response
}

test('chunks arrive as they were, and their memory is given back when they are sent', async (t) => {
  const chunks = chunksOf(40)
  const expected = Buffer.concat(chunks)
  const answer = await answerOf(t, (response) => inChunks(Readable.from(chunks), response).pipe(response))
  assert.ok((await buffer(answer)).equals(expected))
  assert.deepEqual(
    chunks.filter(({ length }) => length > 0),
    [],
  )
})

test('chunks that go through another stream, or that somebody else gets too, are left alone', async (t) => {
  const chunks = chunksOf(4)
  const expected = Buffer.concat(chunks)
  const through = await answerOf(t, (response) => inChunks(Readable.from(chunks), response).pipe(new PassThrough()).pipe(response))
  assert.ok((await buffer(through)).equals(expected))
  const kept: Buffer[] = []
  const shared = await answerOf(t, (response) => {
    const source = inChunks(Readable.from(chunks), response)
    source.on('data', (chunk: Buffer) => kept.push(chunk))
    source.pipe(response)
  })
  assert.ok((await buffer(shared)).equals(expected))
  assert.ok(Buffer.concat(kept).equals(expected))
})

test('a client that takes less than the least rate is disconnected, and one whose file comes slowly is not', async (t) => {
  const pace = { leastRate: 1e9, graceMs: 500, lookMs: 20 }
  const { promise: closed, resolve: close } = Promise.withResolvers<ServerResponse>()
  // Nothing is read: what does not fit into the buffers of the system waits.
  await answerOf(t, (response) => {
    response.once('close', () => close(response))
    inChunks(Readable.from(chunksOf(400)), response, pace).pipe(response)
  })
  assert.equal((await closed).writableFinished, false)
  async function* slowly(): AsyncGenerator<Buffer> {
    for (const chunk of chunksOf(4)) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      yield chunk
    }
  }
  const read = await answerOf(t, (response) => inChunks(Readable.from(slowly()), response, pace).pipe(response))
  assert.equal((await buffer(read)).length, 4 * CHUNK_BYTES)
})
