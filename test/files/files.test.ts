import assert from 'node:assert/strict'
import { modelFrom, testBackend } from '../support/backend.ts'
import { account, BLOG, png, post, put } from './blog.ts'
import { onEach } from './storages.ts'

const MODEL = modelFrom(BLOG)

onEach('a file is sent to the address of its row, shown in the row, and read from its address', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const id = await post(world, ann)
  const sent = await put(world, `/api/posts/${id}/photo?name=cat.png`, { token: ann.token, body: png() })
  assert.equal(sent.status, 200, sent.text)
  const shown = { name: 'cat.png', size: 2_000, type: 'image/png', url: `/api/posts/${id}/photo` }
  assert.deepEqual(sent.json.photo, shown)
  assert.equal(sent.json.version, 2)
  const row = await world.ask('GET', `/api/posts/${id}`, { token: ann.token })
  assert.deepEqual(row.json.photo, shown)
  const list = await world.ask('GET', '/api/posts?fields=photo', { token: ann.token })
  assert.deepEqual(list.json.data, [{ photo: shown }])
  const got = await world.backend.app.inject({ method: 'GET', url: shown.url, headers: { authorization: `Bearer ${ann.token}` } })
  assert.equal(got.statusCode, 200)
  assert.deepEqual(got.rawPayload, png())
  assert.equal(got.headers['content-type'], 'image/png')
  assert.equal(got.headers['content-disposition'], 'inline; filename="cat.png"')
  assert.equal(got.headers['x-content-type-options'], 'nosniff')
  assert.match(String(got.headers['content-security-policy']), /sandbox/)
})

onEach('GraphQL shows the same file', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const id = await post(world, ann)
  await put(world, `/api/posts/${id}/photo?name=cat.png`, { token: ann.token, body: png() })
  const { json } = await world.ask('POST', '/graphql', { token: ann.token, body: { query: `{ post(id: "${id}") { photo } }` } })
  assert.deepEqual(json.data.post.photo, { name: 'cat.png', size: 2_000, type: 'image/png', url: `/api/posts/${id}/photo` })
})

onEach('a file of another caller is 404 by every address, as if there were none', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const id = await post(world, ann)
  const url = `/api/posts/${id}/photo`
  await put(world, url, { token: ann.token, body: png() })
  const missing = await world.ask('GET', `/api/posts/${ann.id}/photo`, { token: bob.token })
  for (const token of [bob.token, undefined]) {
    for (const method of ['GET', 'HEAD']) {
      const { status, json } = await world.ask(method, url, { token })
      assert.equal(status, 404, method)
      if (method === 'GET') assert.deepEqual({ ...json, traceId: null }, { ...missing.json, traceId: null })
    }
    assert.equal((await world.ask('POST', `${url}/link`, { token })).status, 404)
    assert.equal((await put(world, url, { token, body: png() })).status, token === undefined ? 401 : 404)
    assert.equal((await world.ask('DELETE', url, { token })).status, token === undefined ? 401 : 404)
  }
  assert.equal((await world.ask('GET', url, { token: ann.token })).status, 200)
})

onEach('a file of another caller is 404 at each form of its address, whatever the request asks for', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const id = await post(world, ann)
  await put(world, `/api/posts/${id}/photo`, { token: ann.token, body: png() })
  const shown = async (token: string) => {
    const { json } = await world.ask('POST', '/graphql', { token, body: { query: `{ post(id: "${id}") { photo } }` } })
    return json.data.post?.photo ?? null
  }
  const { url } = await shown(ann.token)
  assert.equal(await shown(bob.token), null)
  const own = { authorization: `Bearer ${ann.token}` }
  const tag = String((await world.backend.app.inject({ method: 'GET', url, headers: own })).headers.etag)
  const spelled = [url, url.replace(id, id.toUpperCase()), url.replace('photo', 'phot%6F'), `${url}?download=true`]
  const wishes = [
    {},
    { range: 'bytes=0-0' },
    { range: 'bytes=99999-' },
    { 'if-none-match': tag },
    { 'if-none-match': '*' },
    { 'if-range': tag, range: 'bytes=0-9' },
  ]
  for (const address of spelled)
    for (const headers of wishes)
      for (const method of ['GET', 'HEAD'] as const) {
        const answer = await world.backend.app.inject({
          method,
          url: address,
          headers: { ...headers, authorization: `Bearer ${bob.token}` },
        })
        assert.equal(answer.statusCode, 404, `${method} ${address} ${JSON.stringify(headers)}`)
        assert.deepEqual(
          [answer.headers.etag, answer.headers['content-range'], answer.headers['accept-ranges']],
          [undefined, undefined, undefined],
        )
      }
  const ticket = await world.ask('POST', '/api/posts', { token: bob.token, body: { title: 'x', photo: { url } } })
  assert.equal(ticket.status, 400, 'its address is no ticket')
})

onEach('the read rule of a field hides its file, and the row shows null', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const id = await post(world, ann, { published: true })
  const url = `/api/posts/${id}/notes`
  assert.equal((await put(world, url, { token: ann.token, body: 'secret plans', type: 'text/plain' })).status, 200)
  assert.equal((await world.ask('GET', url, { token: ann.token })).text, 'secret plans')
  assert.equal((await world.ask('GET', url, { token: bob.token })).status, 404)
  assert.equal((await world.ask('GET', `/api/posts/${id}`, { token: bob.token })).json.notes ?? null, null)
})

onEach('the type is found by the content, and the size is counted', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const { token, ...ann } = await account(world, 'ann')
  const id = await post(world, { token, ...ann })
  const url = `/api/posts/${id}/photo`
  const refused = async (body: Buffer | string, type?: string) => {
    const { status, json } = await put(world, url, { token, body, ...(type === undefined ? {} : { type }) })
    return [status, json.code]
  }
  assert.deepEqual(await refused('<svg onload="alert(1)"/>', 'image/png'), [415, 'file_type_refused'])
  assert.deepEqual(await refused(png(1_048_577)), [413, 'file_too_large'])
  assert.deepEqual(await refused(''), [400, 'empty_file'])
  assert.equal((await put(world, url, { token, body: png(1_048_576), type: 'text/html' })).json.photo.type, 'image/png')
})

onEach('parts, versions and HEAD are answered as HTTP has them', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const { token, ...ann } = await account(world, 'ann')
  const id = await post(world, { token, ...ann }, { published: true })
  const url = `/api/posts/${id}/photo`
  await put(world, url, { token, body: png() })
  const get = (headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') => world.backend.app.inject({ method, url, headers })
  const whole = await get({})
  const tag = String(whole.headers.etag)
  assert.equal(whole.headers['accept-ranges'], 'bytes')
  const part = await get({ range: 'bytes=0-7' })
  assert.equal(part.statusCode, 206)
  assert.deepEqual(part.rawPayload, png().subarray(0, 8))
  assert.equal(part.headers['content-range'], 'bytes 0-7/2000')
  assert.deepEqual((await get({ range: 'bytes=-5' })).rawPayload, png().subarray(-5))
  const none = await get({ range: 'bytes=2000-' })
  assert.deepEqual([none.statusCode, none.headers['content-range'], none.json().code], [416, 'bytes */2000', 'range_not_satisfiable'])
  assert.equal((await get({ 'if-none-match': tag })).statusCode, 304)
  assert.equal((await get({ 'if-none-match': '"other"' })).statusCode, 200)
  assert.equal((await get({ range: 'bytes=0-7', 'if-range': '"other"' })).statusCode, 200)
  assert.equal((await get({ range: 'bytes=0-7', 'if-range': tag })).statusCode, 206)
  const head = await get({}, 'HEAD')
  assert.deepEqual([head.statusCode, head.headers['content-length'], head.rawPayload.length], [200, '2000', 0])
})

onEach('a link works for everybody until it expires or the file changes', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const { token, ...ann } = await account(world, 'ann')
  const id = await post(world, { token, ...ann })
  const url = `/api/posts/${id}/photo`
  await put(world, url, { token, body: png() })
  const { json } = await world.ask('POST', `${url}/link`, { token, body: { expiresIn: 60 } })
  assert.equal((await world.ask('GET', json.url)).status, 200)
  assert.equal((await world.ask('GET', `${json.url}x`)).json.code, 'invalid_link')
  assert.equal((await world.ask('GET', json.url.replace(/expires=\d+/, 'expires=9999999999'))).json.code, 'invalid_link')
  assert.equal((await world.ask('GET', json.url.replace(/expires=\d+/, 'expires=1'))).json.code, 'invalid_link')
  await put(world, url, { token, body: png(3_000) })
  assert.equal((await world.ask('GET', json.url)).json.code, 'invalid_link')
})

onEach('an upload by ticket fills a field of a new row, once', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const { token } = await account(world, 'ann')
  const ticket = await world.ask('POST', '/api/posts/photo/uploads', { token, body: { name: '../x/cat.png', size: 2_000 } })
  assert.equal(ticket.status, 201, ticket.text)
  const upload = await put(world, ticket.json.url, { body: png() })
  assert.deepEqual(upload.json, { ticket: ticket.json.ticket, name: 'cat.png', size: 2_000, type: 'image/png' })
  const body = { title: 'with a photo', photo: ticket.json.ticket }
  const created = await world.ask('POST', '/api/posts', { token, body })
  assert.equal(created.status, 201, created.text)
  assert.equal(created.json.photo.url, `/api/posts/${created.json.id}/photo`)
  const again = await world.ask('POST', '/api/posts', { token, body })
  assert.deepEqual(
    [again.status, again.json.errors],
    [400, [{ pointer: '/photo', rule: 'reference', message: 'is no upload that waits for this field' }]],
  )
  const other = await world.ask('POST', '/api/posts', { token, body: { title: 'x', notes: ticket.json.ticket } })
  assert.equal(other.json.errors[0].pointer, '/notes')
  assert.equal((await world.ask('POST', '/api/posts', { token, body: { title: 'x', photo: { key: 'x' } } })).json.errors[0].rule, 'type')
})

onEach('no filter and no sort takes a file', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const { token, id } = await account(world, 'ann')
  for (const query of ['filter[photo]=x', 'sort=photo', `filter=${encodeURIComponent('photo == "x"')}`])
    assert.equal((await world.ask('GET', `/api/posts?${query}`, { token })).status, 400, query)
  const isNull = await world.ask('GET', `/api/posts?filter[author]=${id}&filter[photo][isNull]=true`, { token })
  assert.equal(isNull.status, 200, isNull.text)
  assert.equal(
    (await world.ask('GET', `/api/posts?filter=${encodeURIComponent(`author == "${id}" && photo != null`)}`, { token })).status,
    200,
  )
})

onEach('a request without a socket, whose body nobody reads, ends without an error later', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const { token } = await account(world, 'ann')
  assert.equal((await put(world, `/api/posts/${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}/photo`, { token, body: png() })).status, 404)
  // An answered request lets go of the rest of its body after two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  assert.equal((await world.ask('GET', '/health/live')).status, 200)
})
