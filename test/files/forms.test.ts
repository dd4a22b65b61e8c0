/** Files in forms, and bodies that are no whole file. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { type Account, account, BLOG, png, post, put } from './blog.ts'
import { onEach } from './storages.ts'

const MODEL = modelFrom(BLOG)

/** A form as a client of Node makes it. */
async function formOf(bytes: Buffer, name: string, more: readonly (readonly [string, string])[] = []) {
  const data = new FormData()
  data.append('file', new Blob([new Uint8Array(bytes)], { type: 'text/html' }), name)
  for (const [field, value] of more) data.append(field, value)
  const request = new Request('http://localhost', { method: 'PUT', body: data })
  return { body: Buffer.from(await request.arrayBuffer()), type: request.headers.get('content-type') ?? '' }
}

async function photoOf(world: TestBackend, { token }: Account, url: string): Promise<Buffer> {
  return (await world.backend.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } })).rawPayload
}

onEach('a file in a form is stored without the form, at the address of its row and by a ticket', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const { token } = ann
  const url = `/api/posts/${await post(world, ann)}/photo`
  const sent = await put(world, url, { token, ...(await formOf(png(50_000), '../größe "x".png')) })
  assert.equal(sent.status, 200, sent.text)
  assert.deepEqual(sent.json.photo, { name: 'größe %22x%22.png', size: 50_000, type: 'image/png', url })
  assert.deepEqual(await photoOf(world, ann, url), png(50_000))
  const renamed = await put(world, `${url}?name=cat.png`, { token, ...(await formOf(png(), 'dog.png')) })
  assert.equal(renamed.json.photo.name, 'cat.png')
  const ticket = (await world.ask('POST', '/api/posts/photo/uploads', { token })).json
  const uploaded = await put(world, ticket.url, await formOf(png(3_000), 'hat.png'))
  assert.deepEqual(uploaded.json, { ticket: ticket.ticket, name: 'hat.png', size: 3_000, type: 'image/png' })
  const created = await world.ask('POST', '/api/posts', { token, body: { title: 'x', photo: ticket.ticket } })
  assert.equal(created.json.photo.size, 3_000)
})

onEach('the rules of a file are those of its content, in a form too, and a refused form leaves nothing', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const url = `/api/posts/${await post(world, ann)}/photo`
  const refused = async (form: { body: Buffer; type: string }, { token } = ann) => {
    const { status, json } = await put(world, url, { token, ...form })
    return [status, json.code]
  }
  const good = await formOf(png(), 'a.png')
  assert.deepEqual(await refused(await formOf(Buffer.from('<svg/>'), 'a.png')), [415, 'file_type_refused'])
  assert.deepEqual(await refused(await formOf(Buffer.alloc(0), 'a.png')), [400, 'empty_file'])
  assert.deepEqual(await refused(await formOf(png(1_048_577), 'a.png')), [413, 'file_too_large'])
  assert.deepEqual(await refused(await formOf(png(1_200_000), 'a.png')), [413, 'file_too_large'], 'by its length alone')
  assert.deepEqual(await refused(await formOf(png(), 'a.png', [['title', 'x']])), [400, 'malformed_form'])
  assert.deepEqual(await refused({ ...good, body: good.body.subarray(0, -10) }), [400, 'malformed_form'])
  assert.deepEqual(await refused({ ...good, type: 'multipart/form-data' }), [400, 'malformed_form'])
  assert.deepEqual(await refused({ ...good, type: `${good.type}x` }), [400, 'malformed_form'])
  assert.deepEqual(await refused(good, bob), [404, 'not_found'])
  assert.deepEqual(await files.left(), [])
  assert.deepEqual(await world.sql(`select state from plinth.files where state <> 'removed'`), [])
  assert.equal((await put(world, url, { token: ann.token, ...(await formOf(png(1_048_576), 'a.png')) })).status, 200, 'the largest file')
})

onEach('a part of a file and a compressed file are refused', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const url = `/api/posts/${await post(world, ann)}/photo`
  const { json: ticket } = await world.ask('POST', '/api/posts/photo/uploads', { token: ann.token })
  for (const address of [url, ticket.url]) {
    const send = (headers: Record<string, string>) => put(world, address, { token: ann.token, body: png(), headers })
    assert.equal((await send({ 'content-range': 'bytes 0-1999/4000' })).json.code, 'partial_upload')
    assert.equal((await send({ 'content-encoding': 'gzip' })).json.code, 'encoded_upload')
    assert.equal((await send({ 'content-encoding': 'identity' })).status, 200)
  }
  assert.equal((await files.left()).length, 2)
})

onEach('a form that never ends is refused at its limit, over a socket', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const ann = await account(world, 'ann')
  const url = `/api/posts/${await post(world, ann)}/photo`
  const part = '--b\r\ncontent-disposition: form-data; name="f"; filename="x"'
  for (const [start, repeated, refusal] of [
    [part, '\r\nx: y', /malformed_form/],
    [`${part}\r\n\r\n${png().toString('latin1')}`, 'z'.repeat(1_000), /file_too_large/],
    ['', 'preamble', /malformed_form/],
  ] as const) {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let heard = ''
    socket.setEncoding('latin1').on('data', (text) => {
      heard += text
    })
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    const head = `PUT ${url} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ann.token}\r\ncontent-type: multipart/form-data; boundary=b\r\n`
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
    if (start !== '') socket.write(Buffer.from(chunk(start), 'latin1'))
    for (let i = 0; i < 2_000 && !socket.destroyed; i++) socket.write(Buffer.from(chunk(repeated), 'latin1'))
    await closed
    assert.match(heard, refusal)
  }
  assert.deepEqual(await files.left(), [])
})
