/** Requests for files that no honest client sends. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { startServer } from '../../src/server/process/server.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { ALBUM } from './album.ts'
import { type Account, account, BLOG, png, post, put } from './blog.ts'
import { onEach } from './storages.ts'

const MODEL = modelFrom(BLOG)
const ALBUMS = modelFrom(ALBUM)

async function withPhoto(world: TestBackend, ann: Account, values: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const url = `/api/posts/${await post(world, ann, values)}/photo`
  assert.equal((await put(world, url, { token: ann.token, body: png() })).status, 200)
  return url
}

onEach('a made-up link answers the same for a file, a row without one, and no row', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const there = await withPhoto(world, ann)
  const link = `expires=9999999999&signature=${'A'.repeat(43)}`
  const answers = await Promise.all(
    [there, `/api/posts/${await post(world, ann)}/photo`, `/api/posts/${ann.id}/photo`, '/api/posts/x/photo'].map(async (url) => {
      const { status, json } = await world.ask('GET', `${url}?${link}`, { token: bob.token })
      return [status, { ...json, traceId: null }]
    }),
  )
  for (const answer of answers) assert.deepEqual(answer, answers[0])
  assert.equal(answers[0]?.[0], 403)
})

onEach('a link opens its own file alone, and ends with its row', async (t, files) => {
  const world = await testBackend(t, ALBUMS, { files: files.storage })
  const ann = await account(world, 'ann')
  const { token } = ann
  const urls: string[] = []
  for (const name of ['one', 'two']) {
    const { json } = await world.ask('POST', '/api/albums', { token, body: { name } })
    urls.push(`/api/albums/${json.id}/cover`)
    await put(world, urls.at(-1) ?? '', { token, body: png() })
  }
  const [one = '', two = ''] = urls
  const link: string = (await world.ask('POST', `${one}/link`, { token })).json.url
  assert.equal((await world.ask('GET', link)).status, 200)
  assert.equal((await world.ask('GET', link.replace(one, two))).json.code, 'invalid_link')
  for (const hostile of [`${link}&expires=9999999999`, `${link}&signature=x`, link.replace('expires=', 'expires=-'), `${one}?signature=x`])
    assert.ok([400, 403].includes((await world.ask('GET', hostile)).status), hostile)
  await world.ask('DELETE', one.replace('/cover', ''), { token })
  assert.equal((await world.ask('GET', link)).json.code, 'invalid_link')
  for (const [method, url] of [
    ['GET', one],
    ['HEAD', one],
    ['DELETE', one],
    ['POST', `${one}/link`],
  ] as const)
    assert.equal((await world.ask(method, url, { token })).status, 404, `${method} ${url}`)
  assert.equal((await put(world, one, { token, body: png() })).status, 404)
  assert.equal((await world.sql(`select from plinth.files where state = 'used'`)).length, 2, 'a row that is deleted softly keeps its file')
})

onEach('the read rule of a field applies to filters, links and changes of its file', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const id = await post(world, ann, { published: true })
  const url = `/api/posts/${id}/notes`
  await put(world, url, { token: ann.token, body: 'secret', type: 'text/plain' })
  const found = async (query: string): Promise<unknown> => {
    const { json, text } = await world.ask('GET', `/api/posts?${query}`, { token: bob.token })
    return json.data?.length ?? text
  }
  const byAuthor = `filter[author]=${ann.id}`
  assert.equal(await found(byAuthor), 1)
  assert.equal(await found(`${byAuthor}&filter[notes][isNull]=true`), await found(`${byAuthor}&filter[photo][isNull]=true`))
  assert.equal((await world.ask('POST', `${url}/link`, { token: bob.token })).status, 404)
  assert.equal((await world.ask('HEAD', url, { token: bob.token })).status, 404)
  for (const status of [(await put(world, url, { token: bob.token, body: 'x' })).status, (await world.ask('DELETE', url, bob)).status])
    assert.ok([403, 404].includes(status), String(status))
})

onEach('names have no power over paths and headers', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const url = await withPhoto(world, ann)
  for (const [name, shown] of [
    ['../../../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['a\r\nset-cookie: a=b', 'aset-cookie: a=b'],
    ['%2e%2e%2fx', '%2e%2e%2fx'],
    ['\u0000\u202e', 'file'],
    ['x"; filename="y.html', 'x"; filename="y.html'],
    ['n'.repeat(10_000), 'n'.repeat(255)],
  ] as const) {
    const sent = await put(world, `${url}?name=${encodeURIComponent(name)}`, { token: ann.token, body: png() })
    assert.equal(sent.json.photo?.name, shown, sent.text)
    const { headers } = await world.ask('GET', url, { token: ann.token })
    assert.match(String(headers['content-disposition']), /^inline; filename="[^"\\\r\n]*"(; filename\*=UTF-8''[!-~]+)?$/)
    assert.equal(headers['set-cookie'], undefined)
  }
})

onEach('no content is shown as something that runs', async (t, files) => {
  const world = await testBackend(t, ALBUMS, { files: files.storage })
  const { token } = await account(world, 'ann')
  const script = '<script>alert(1)</script>'
  const gif = `GIF89a/*${script}*/=1`
  for (const [body, type, status, disposition] of [
    [`<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`, 'image/svg+xml', 200, 'attachment'],
    [`<html>${script}`, 'image/png', 415, null],
    [`<html>${script}`, 'text/html', 415, null],
    [gif, 'text/html', 200, 'inline'],
    [`\x89PNG\r\n\x1a\n${script}`, 'image/svg+xml', 200, 'inline'],
  ] as const) {
    const { json } = await world.ask('POST', '/api/albums', { token, body: { name: `${body.length} ${type}` } })
    const url = `/api/albums/${json.id}/cover`
    const sent = await put(world, url, { token, body: Buffer.from(body, 'latin1') as never, type })
    assert.equal(sent.status, status, `${type} ${sent.text}`)
    if (disposition === null) continue
    const { headers } = await world.ask('GET', url, { token })
    assert.match(String(headers['content-disposition']), new RegExp(`^${disposition}`))
    assert.match(String(headers['content-type']), /^image\//)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*sandbox$/)
  }
})

onEach('ranges are bounded: several parts are the whole file, and huge numbers end at its end', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const url = await withPhoto(world, ann, { published: true })
  const get = (range: string) => world.backend.app.inject({ method: 'GET', url, headers: { range } })
  for (const [range, status, length] of [
    [`bytes=${Array.from({ length: 1_000 }, () => '0-').join(',')}`, 200, 2_000],
    ['bytes=0-999999999999999', 206, 2_000],
    [`bytes=0-${'9'.repeat(400)}`, 200, 2_000],
    ['bytes=-999999999999999', 206, 2_000],
    ['bytes=1999-1999', 206, 1],
    ['bytes=-0', 416, null],
    ['bytes=0-0,-1', 200, 2_000],
  ] as const) {
    const { statusCode, rawPayload } = await get(range)
    assert.equal(statusCode, status, range)
    if (length !== null) assert.equal(rawPayload.length, length, range)
  }
})

onEach('the size of a chunked body without a length is limited, and its connection ends', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const ann = await account(world, 'ann')
  const url = `/api/posts/${await post(world, ann)}/photo`
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  let heard = ''
  socket.setEncoding('latin1').on('data', (text) => {
    heard += text
  })
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(`PUT ${url} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ann.token}\r\ntransfer-encoding: chunked\r\n\r\n`)
  const chunk = png(65_536)
  for (let sent = 0; sent < 20 * chunk.length; sent += chunk.length)
    socket.write(Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]))
  await closed
  assert.match(heard, /^HTTP\/1\.1 413 [\s\S]*"code":"file_too_large"/)
  assert.equal((await world.sql(`select from plinth.files where state <> 'removed'`)).length, 0)
})

onEach('a session that ends while a file arrives gives no row the file', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...world.backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const ann = await account(world, 'ann')
  const url = `/api/posts/${await post(world, ann)}/photo`
  const headers = { authorization: `Bearer ${ann.token}`, 'content-length': 20_000 }
  const sending = request(`${server.url}${url}`, { method: 'PUT', headers })
  sending.write(png(10_000))
  await until('the upload', async () => ((await world.sql(`select from plinth.files where state = 'open'`)).length === 1 ? true : null))
  assert.equal((await world.ask('POST', '/api/auth/logout', { token: ann.token })).status, 204)
  sending.end(Buffer.alloc(10_000, 7))
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  response.resume()
  assert.equal(response.statusCode, 401)
  assert.deepEqual(await world.sql('select photo from posts'), [{ photo: null }])
  assert.deepEqual(await world.sql('select state from plinth.files'), [{ state: 'removed' }])
})
