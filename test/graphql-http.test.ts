import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { serverAudits } from 'graphql-http'
import blog from '../examples/blog/design.ts'
import { modelFrom, testBackend } from './support/backend.ts'

const jsonOf = async (response: Response) => JSON.parse(await response.text())

type Options = Parameters<typeof testBackend>[2]

async function listening(t: TestContext, options: Options = {}) {
  const backend = await testBackend(t, modelFrom(blog), options)
  const server = createServer((request, response) => backend.backend.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { backend, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` }
}

test('the audits of GraphQL over HTTP pass, every one', async (t) => {
  const { url } = await listening(t)
  const audits = serverAudits({ url, fetchFn: fetch })
  assert.ok(audits.length >= 60, `${audits.length} audits`)
  for (const audit of audits) {
    const result = await audit.fn()
    if (result.status !== 'ok') assert.fail(`${audit.id} ${audit.name}: ${result.reason}`)
  }
})

test('only JSON is taken, one request at a time, and mutations never by GET', async (t) => {
  const { backend, url } = await listening(t)
  const post = (body: string, type: string) => fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    assert.equal((await post('{"query":"{__typename}"}', type)).status, 415)
  const batch = await post('[{"query":"{__typename}"}]', 'application/json')
  assert.equal(batch.status, 400)
  assert.equal((await jsonOf(batch)).errors[0].extensions.code, 'malformed_request')
  const mutation = encodeURIComponent(
    'mutation { createUser(input: { name: "Eve", email: "e@example.com", password: "Correct-horse-7" }) { id } }',
  )
  const got = await fetch(`${url}?query=${mutation}`)
  assert.equal(got.status, 405)
  assert.equal(got.headers.get('allow'), 'POST')
  assert.equal((await fetch(url, { method: 'PUT' })).status, 405)
  assert.equal(
    (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'image/png' }, body: '{}' })).status,
    406,
  )
  assert.equal((await fetch(url, { method: 'HEAD', headers: { accept: 'application/json' } })).status, 400)
  const stranger = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    body: '{"query":"{__typename}"}',
  })
  assert.equal(stranger.status, 401)
  assert.equal((await jsonOf(stranger)).errors[0].extensions.code, 'invalid_token')
  assert.deepEqual(backend.statements, [])
})

test('with a list of documents, those are answered and no others', async (t) => {
  const documents = new Map([['sha256:names', '{ users { nodes { name } } }']])
  const { backend } = await listening(t, { graphqlDocuments: documents, mode: 'production' })
  const ask = async (body: object) => {
    const answer = await backend.ask('POST', '/graphql', { headers: { accept: 'application/graphql-response+json' }, body })
    return answer.json.data ?? answer.json.errors[0].extensions.code
  }
  assert.deepEqual(await ask({ documentId: 'sha256:names' }), { users: { nodes: [] } })
  assert.deepEqual(await ask({ query: '{ users { nodes { name } } }' }), { users: { nodes: [] } })
  assert.equal(await ask({ query: '{ users { nodes { id } } }' }), 'unknown_document')
  assert.equal(await ask({ documentId: 'sha256:other' }), 'unknown_document')
})

test('people get a page to write documents on, in development alone', async (t) => {
  const { url } = await listening(t)
  const page = await fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' } })
  assert.equal(page.status, 200)
  assert.match(String(page.headers.get('content-type')), /text\/html/)
  assert.match(String(page.headers.get('content-security-policy')), /default-src 'none'; script-src 'sha256-/)
  assert.doesNotMatch(await page.text(), /https?:/)
  assert.match(await (await fetch(url, { headers: { accept: 'text/html' } })).text(), /<title>GraphQL/)
  assert.match((await jsonOf(await fetch(`${url}/schema`))).sdl, /type Query/)
  const live = await listening(t, { mode: 'production' })
  assert.equal((await fetch(live.url, { headers: { accept: 'text/html,*/*;q=0.8' } })).status, 400)
  const page406 = await fetch(`${live.url}?query={__typename}`, { headers: { accept: 'text/html' } })
  assert.equal(page406.status, 406)
  assert.equal((await jsonOf(page406)).errors[0].extensions.code, 'not_acceptable')
  assert.equal((await fetch(`${live.url}?query={__typename}`, { headers: { accept: 'text/html, application/json' } })).status, 200)
  assert.equal((await fetch(`${live.url}/schema`)).status, 404)
})
