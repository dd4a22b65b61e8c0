/** Uploads over sockets: their memory, and senders who stop. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startServer } from '../../src/server/process/server.ts'
import { openDiskStorage } from '../../src/services/files/disk-storage.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { account, BLOG, png, post } from './blog.ts'
import { uploadFigures } from './upload-memory.ts'

const isLinux = process.platform === 'linux'

test('an upload takes no more memory than a few chunks', { skip: !isLinux }, async () => {
  const { status, grownMegabytes } = await uploadFigures(128)
  assert.equal(status, 200)
  assert.ok(grownMegabytes <= 60, `${grownMegabytes} MB`)
})

test('an upload that is cut off leaves no file, and a refused one is answered while its sender still sends', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  const world = await testBackend(t, modelFrom(BLOG), { files: openDiskStorage(folder) })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(async () => {
    await server.drain({ noticeMs: 0, drainMs: 0 })
    await rm(folder, { recursive: true, force: true })
  })
  const ann = await account(world, 'ann')
  const id = await post(world, ann)
  const send = (length: number) =>
    request(`${server.url}/api/posts/${id}/photo`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'image/png', 'content-length': length },
    })
  const files = async () => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const states = async () => (await world.sql('select state from plinth.files')).map(({ state }) => state)

  const cut = send(1_000_000)
  cut.on('error', () => {})
  cut.write(png(500_000))
  while (!(await states()).includes('open') || (await files()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  cut.destroy()
  while (!(await states()).includes('removed')) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.deepEqual(await files(), [])
  assert.equal((await world.ask('GET', `/api/posts/${id}`, { token: ann.token })).json.photo, null)

  const wrong = send(900_000)
  wrong.on('error', () => {})
  wrong.write(Buffer.alloc(10_000))
  const [response] = (await once(wrong, 'response')) as [import('node:http').IncomingMessage]
  assert.equal(response.statusCode, 415)
  wrong.destroy()
})
