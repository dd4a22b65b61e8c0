/** Limits that hold for requests at the same time. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { account, BLOG, png, post } from './blog.ts'
import { ARCHIVE } from './upload-memory.ts'

test('a caller has at most 100 uploads that wait, also when many are asked for at once', async (t) => {
  const world = await testBackend(t, modelFrom(BLOG))
  const ann = await account(world, 'ann')
  const asked = async () => (await world.ask('POST', '/api/posts/photo/uploads', { token: ann.token })).status
  for (let i = 0; i < 3; i++) await Promise.all(Array.from({ length: 30 }, asked))
  const statuses = await Promise.all(Array.from({ length: 60 }, asked))
  const [{ count } = { count: -1 }] = await world.sql(`select count(*)::int as count from plinth.files where state = 'awaited'`)
  assert.ok(Number(count) <= 100, `${count} wait`)
  assert.equal(statuses.filter((status) => status === 201).length, Number(count) - 90)
  assert.ok(statuses.every((status) => status === 201 || status === 429))
})

test('a sender has at most 8 files that arrive, others have their own, and a place is free again after an upload', async (t) => {
  const world = await testBackend(t, modelFrom(BLOG))
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const send = async ({ token, id }: { token: string; id: string }, length = 100_000): Promise<ClientRequest> => {
    const url = `${server.url}/api/posts/${await post(world, { token, id })}/photo`
    const sending = request(url, { method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-length': length } })
    sending.on('error', () => {})
    sending.write(png(10_000))
    return sending
  }
  const answerOf = async (sending: ClientRequest) => {
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  const slow = await Promise.all(Array.from({ length: 8 }, () => send(ann)))
  const arriving = async () => (await world.sql(`select from plinth.files where state = 'open'`)).length
  while ((await arriving()) < 8) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(await answerOf(await send(ann)), 429)
  assert.equal(await answerOf(await send(bob, 10_000)), 200)
  slow[0]?.end(png(90_000))
  assert.equal(await answerOf(slow[0] as ClientRequest), 200)
  assert.equal(await answerOf(await send(ann, 10_000)), 200)
  for (const one of slow) one.destroy()
})

test('anonymous senders of one address share places, and a ticket that finds none is not used up', async (t) => {
  const world = await testBackend(t, modelFrom(ARCHIVE), { keys: null })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const ticket = async (): Promise<string> => (await world.ask('POST', '/api/boxes/content/uploads', {})).json.url
  const open = (url: string, length: number) => {
    const sending = request(`${server.url}${url}`, { method: 'PUT', headers: { 'content-length': length } })
    sending.on('error', () => {})
    sending.write(Buffer.alloc(5_000, 1))
    return sending
  }
  const urls = await Promise.all(Array.from({ length: 9 }, ticket))
  const slow = urls.slice(0, 8).map((url) => open(url, 50_000))
  while ((await world.sql(`select from plinth.files where state = 'open'`)).length < 8)
    await new Promise((resolve) => setTimeout(resolve, 10))
  const last = urls[8] ?? ''
  const [refused] = (await once(open(last, 5_000), 'response')) as [IncomingMessage]
  assert.equal(refused.statusCode, 429)
  for (const one of slow) one.destroy()
  while ((await world.sql(`select from plinth.files where state = 'open'`)).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 10))
  const [taken] = (await once(open(last, 5_000), 'response')) as [IncomingMessage]
  assert.equal(taken.statusCode, 200)
})
