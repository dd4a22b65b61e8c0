/** Uploads over sockets: their memory, and senders who stop. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { account, BLOG, post } from './blog.ts'
import { KINDS, onEach } from './storages.ts'
import { ARCHIVE, MOST_GROWN, uploadFigures } from './upload-memory.ts'

const isLinux = process.platform === 'linux'

for (const kind of KINDS)
  test(`an upload and a download take no more memory than a few chunks (${kind})`, { skip: !isLinux }, async () => {
    const { upload, download } = await uploadFigures({ megabytes: 96, kind, form: 'body' })
    assert.deepEqual([upload.status, download.status], [200, 200])
    assert.ok(upload.grownMegabytes <= MOST_GROWN, `upload: ${upload.grownMegabytes} MB`)
    assert.ok(download.grownMegabytes <= MOST_GROWN, `download: ${download.grownMegabytes} MB`)
  })

onEach('a large file is read as it was sent, also by several clients one after the other on one connection', async (t, { storage }) => {
  const world = await testBackend(t, modelFrom(ARCHIVE), { files: storage, keys: null })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const { json: box } = await world.ask('POST', '/api/boxes', { body: {} })
  const url = `${server.url}/api/boxes/${box.id}/content`
  const sent = randomBytes(10_000_001)
  const answer = await fetch(url, { method: 'PUT', body: sent })
  assert.equal(answer.status, 200, await answer.text())
  const read = async (headers: Record<string, string> = {}) => Buffer.from(await (await fetch(url, { headers })).arrayBuffer())
  for (let round = 0; round < 2; round++) for (const got of await Promise.all([read(), read(), read()])) assert.ok(got.equals(sent))
  assert.ok((await read({ range: 'bytes=1000000-6999999' })).equals(sent.subarray(1_000_000, 7_000_000)))
})

onEach('an upload that is cut off leaves no file', async (t, { storage, left }) => {
  const world = await testBackend(t, modelFrom(ARCHIVE), { files: storage, keys: null })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const { json: box } = await world.ask('POST', '/api/boxes', { body: {} })
  const states = async () => (await world.sql('select state from plinth.files')).map(({ state }) => state)
  const cut = request(`${server.url}/api/boxes/${box.id}/content`, { method: 'PUT', headers: { 'content-length': 9_000_000 } })
  cut.on('error', () => {})
  // More than a part, so that each storage has some of it.
  cut.write(Buffer.alloc(7_000_000, 1))
  while (!(await states()).includes('open') || (await left()).length === 0) await wait(10)
  cut.destroy()
  while (!(await states()).includes('removed')) await wait(10)
  assert.deepEqual(await left(), [])
  assert.equal((await world.ask('GET', `/api/boxes/${box.id}`)).json.content, null)
})

onEach('a refused upload is answered while its sender still sends', async (t, { storage, left }) => {
  const world = await testBackend(t, modelFrom(BLOG), { files: storage })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const ann = await account(world, 'ann')
  const id = await post(world, ann)
  const wrong = request(`${server.url}/api/posts/${id}/photo`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'image/png', 'content-length': 900_000 },
  })
  wrong.on('error', () => {})
  wrong.write(Buffer.alloc(10_000))
  const [response] = (await once(wrong, 'response')) as [import('node:http').IncomingMessage]
  assert.equal(response.statusCode, 415)
  wrong.destroy()
  assert.deepEqual(await left(), [])
})
